"""What the processor keeps: 2.9 % of the charge plus 30 minor units, in whole numbers."""

PERMILLE = 29
FIXED = {0: 30, 2: 30, 3: 300}
"""Fixed part by the currency's exponent: 30 cents, 30 yen, 300 fils."""

DISPUTE_FEE = {0: 1500, 2: 1500, 3: 15000}


def processing_fee(amount: int, exponent: int) -> int:
    """Fee in minor units; the percentage is rounded half up, never above the amount itself."""
    return min(amount, (amount * PERMILLE + 500) // 1000 + FIXED[exponent])
