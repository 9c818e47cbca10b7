"""Which currencies can be charged, their exponents and smallest charge.

Source: https://docs.stripe.com/currencies (zero- and three-decimal lists, minimum charge amounts), read 2026.
Currencies without a published minimum use the amount of about 50 US cents given in `_MINIMUM` or one major unit.
"""

MAXIMUM_AMOUNT = 99_999_999

_ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
_THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
_TWO_DECIMAL = frozenset(
    (
        "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve czk "
        "dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp "
        "lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd "
        "rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx usd uyu uzs wst xcd yer zar zmw"
    ).split()
)
_MINIMUM = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "cny": 400, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "krw": 700, "mxn": 1000, "myr": 200, "nok": 300,
    "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "twd": 1500, "vnd": 13000,
}  # fmt: skip


def is_currency(code: str) -> bool:
    """True for a lower-case code this server charges in."""
    return code in _ZERO_DECIMAL or code in _THREE_DECIMAL or code in _TWO_DECIMAL


def exponent_of(currency: str) -> int:
    """Decimal places of the minor unit: 2 for usd, 0 for jpy, 3 for kwd."""
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


def minimum_of(currency: str) -> int:
    """Smallest amount that can be charged, in minor units."""
    return _MINIMUM.get(currency, int(10 ** exponent_of(currency)))


def format_amount(amount: int, currency: str) -> str:
    """`1250, "usd"` gives `12.50`; the sign stays in front."""
    exponent = exponent_of(currency)
    if exponent == 0:
        return str(amount)
    whole, part = divmod(abs(amount), int(10**exponent))
    return f"{'-' if amount < 0 else ''}{whole}.{part:0{exponent}d}"
