"""Who gets the credit of an order: its buyer's first touch, the last one, or all of them alike. Pure."""

from collections.abc import Sequence


def split_evenly(amount: int, parts: int) -> list[int]:
    """`amount` minor units over `parts` touches, the rest one by one from the first on, so that the sum is the amount to the unit.

    A negative amount (a refund that came back) is split by the same rule. Needs: parts >= 1.
    """
    each, rest = divmod(amount, parts)
    return [each + (place < rest) for place in range(parts)]


def credit(amount: int, touches: int) -> dict[str, list[int]]:
    """What each of the touches, in order of time, gets of an amount, by model. Needs: touches >= 1."""
    nothing = [0] * (touches - 1)
    return {"first": [amount, *nothing], "last": [*nothing, amount], "linear": split_evenly(amount, touches)}


def share(touches: Sequence[str]) -> dict[str, dict[str, float]]:
    """What part of one order each touch is credited with, by model: {model: {touch: part}}."""
    even: dict[str, float] = {}
    for touch in touches:
        even[touch] = even.get(touch, 0.0) + 1 / len(touches)
    return {"first": {touches[0]: 1.0}, "last": {touches[-1]: 1.0}, "linear": even}
