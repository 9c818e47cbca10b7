"""Money is a whole number of minor units and a currency; no float ever."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils import formats, translation

# docs.stripe.com/currencies: zero-decimal and three-decimal presentment currencies.
ZERO_DECIMAL = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split())
THREE_DECIMAL = frozenset("BHD JOD KWD OMR TND".split())
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥", "JPY": "¥", "KRW": "₩", "HKD": "HK$", "SGD": "S$", "AUD": "A$", "CAD": "CA$"}


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met in one sum: a defect of the caller."""


@dataclass(frozen=True, slots=True)
class Money:
    """`amount_minor` in the currency's smallest unit (cents, yen); `currency` as ISO 4217 upper case."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount_minor, int) or isinstance(self.amount_minor, bool):
            raise TypeError("amount_minor must be a whole number")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"not an ISO 4217 code: {self.currency!r}")

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount_minor - other.amount_minor, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.amount_minor * quantity, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)


def exponent_of(currency: str) -> int:
    """Number of digits after the decimal point: 0, 2 or 3."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def to_decimal(money: Money) -> Decimal:
    return Decimal(money.amount_minor).scaleb(-exponent_of(money.currency))


def to_decimal_text(money: Money) -> str:
    """`12.34` with a plain point, for files and machines."""
    return f"{to_decimal(money):.{exponent_of(money.currency)}f}"


def format_money(money: Money, language: str | None = None) -> str:
    """`$1,234.50` as the reader's language writes it; whole amounts keep their decimals."""
    with translation.override(language or translation.get_language() or "en"):
        number = formats.number_format(abs(to_decimal(money)), decimal_pos=exponent_of(money.currency), use_l10n=True, force_grouping=True)
    sign = "−" if money.amount_minor < 0 else ""
    symbol = SYMBOLS.get(money.currency)
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{money.currency} {number}"
