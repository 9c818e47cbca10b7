"""Shapes: what a parameter may be. Unknown, missing and wrongly typed parameters are refused as Stripe refuses them."""

from collections.abc import Callable, Mapping
from typing import Any

from commerce.sandbox.money.currencies import is_currency
from commerce.sandbox.wire.errors import Json, invalid_param

Parser = Callable[[Any, str], Any]
"""Takes the raw value and the parameter's name; gives the typed value or raises ApiError 400."""

INTEGER_LIMIT = 2**53


def text(maximum: int = 5000, *, can_clear: bool = False) -> Parser:
    """A string; an empty one unsets the parameter (None) where that is allowed."""

    def parse(raw: Any, name: str) -> str | None:
        if not isinstance(raw, str):
            raise invalid_param(f"Invalid string: {str(raw)[:100]}", name)
        if raw == "":
            if can_clear:
                return None
            raise invalid_param(
                f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
                f"however '{name}' cannot be unset.",
                name,
                "parameter_invalid_empty",
            )
        if len(raw) > maximum:
            raise invalid_param(f"Invalid string: {raw[:20]}...; must be at most {maximum} characters", name, "parameter_invalid_string_length")
        return raw

    return parse


def integer(minimum: int | None = None, maximum: int = INTEGER_LIMIT) -> Parser:
    """A whole number; floats and texts are refused rather than rounded."""

    def parse(raw: Any, name: str) -> int:
        digits = raw.removeprefix("-") if isinstance(raw, str) else ""
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 16):
            raise invalid_param(f"Invalid integer: {str(raw)[:100]}", name, "parameter_invalid_integer")
        number = int(raw)
        if minimum is not None and number < minimum:
            what = "positive integer" if minimum == 1 else f"integer greater than or equal to {minimum}"
            raise invalid_param(
                f"This value must be a {what}." if minimum == 1 else f"This value must be an {what}.", name, "parameter_invalid_integer"
            )
        if number > maximum:
            raise invalid_param(f"This value must be less than or equal to {maximum}.", name, "parameter_invalid_integer")
        return number

    return parse


def boolean() -> Parser:
    """`true` or `false`."""

    def parse(raw: Any, name: str) -> bool:
        if raw not in ("true", "false"):
            raise invalid_param(f"Invalid boolean: {str(raw)[:100]}", name)
        return bool(raw == "true")

    return parse


def choice(*values: str, untried: tuple[str, ...] = ()) -> Parser:
    """One of the named values; `untried` are Stripe's own values that this server does not speak."""

    def parse(raw: Any, name: str) -> str:
        if raw in untried:
            raise invalid_param(f"The sandbox does not support {name}={raw}; it supports {', '.join(values)}.", name)
        if raw not in values:
            raise invalid_param(f"Invalid {name}: must be one of {', '.join(values)}", name)
        return str(raw)

    return parse


def currency() -> Parser:
    """A three-letter code Stripe charges in, lower-cased."""

    def parse(raw: Any, name: str) -> str:
        code = raw.lower() if isinstance(raw, str) else ""
        if not is_currency(code):
            raise invalid_param(
                f"Invalid currency: {str(raw)[:20]}. Stripe currently supports these currencies: see https://stripe.com/docs/currencies", name
            )
        return code

    return parse


def metadata() -> Parser:
    """At most 50 string pairs, keys of 40 and values of 500 characters; an empty string asks to clear everything."""

    def parse(raw: Any, name: str) -> dict[str, str]:
        if raw == "":
            return {"": ""}
        if not isinstance(raw, dict):
            raise invalid_param("Invalid hash", name)
        if len(raw) > 50:
            raise invalid_param("You can have at most 50 metadata keys.", name)
        for key, value in raw.items():
            _check_pair(key, value, name)
        return dict(raw)

    return parse


def _check_pair(key: str, value: Any, name: str) -> None:
    where = f"{name}[{key}]"
    if len(key) > 40:
        raise invalid_param(f"Metadata keys can have up to 40 characters, but you passed in a key of {len(key)} characters: {key[:40]}.", where)
    if not isinstance(value, str):
        raise invalid_param("Metadata values must be strings.", where)
    if len(value) > 500:
        raise invalid_param(f"Metadata values can have up to 500 characters, but you passed in a value of {len(value)} characters.", where)


def merge_metadata(old: dict[str, str], new: dict[str, str] | None) -> dict[str, str]:
    """Apply an update: given keys overwrite, an empty value removes its key, an empty hash (`""`) removes all."""
    if new is None:
        return old
    if new == {"": ""}:
        return {}
    return {key: value for key, value in {**old, **new}.items() if value != ""}


def listing(parser: Parser, maximum: int = 100) -> Parser:
    """An array, sent as `a[0]=…` or `a[]=…`; empty string gives an empty array."""

    def parse(raw: Any, name: str) -> list[Any]:
        if raw == "":
            return []
        if not isinstance(raw, dict) or not all(key.isdigit() for key in raw):
            raise invalid_param("Invalid array", name)
        if len(raw) > maximum:
            raise invalid_param(f"Array {name} exceeded maximum {maximum} allowed elements.", name)
        return [parser(raw[key], f"{name}[{key}]") for key in sorted(raw, key=int)]

    return parse


def struct(fields: Mapping[str, Parser], required: tuple[str, ...] = (), *, can_clear: bool = False) -> Parser:
    """A hash with known keys. An empty name is the top level, whose children carry no prefix."""

    def parse(raw: Any, name: str) -> Any:
        if raw == "" and can_clear:
            return None
        if not isinstance(raw, dict):
            raise invalid_param("Invalid hash", name)
        unknown = [_join(name, key) for key in raw if key not in fields]
        if unknown:
            plural = "s" if len(unknown) > 1 else ""
            raise invalid_param(f"Received unknown parameter{plural}: {', '.join(unknown[:10])}", unknown[0], "parameter_unknown")
        for key in required:
            if key not in raw:
                raise invalid_param(f"Missing required param: {_join(name, key)}.", _join(name, key), "parameter_missing")
        return {key: fields[key](value, _join(name, key)) for key, value in raw.items()}

    return parse


def _join(name: str, key: str) -> str:
    return f"{name}[{key}]" if name else key


def span() -> Parser:
    """A time filter: an exact epoch second, or bounds `gt`, `gte`, `lt`, `lte`."""
    bounds = struct({key: integer(0) for key in ("gt", "gte", "lt", "lte")})
    exact = integer(0)

    def parse(raw: Any, name: str) -> Json:
        if isinstance(raw, dict):
            return dict(bounds(raw, name))
        moment = exact(raw, name)
        return {"gte": moment, "lte": moment}

    return parse


def url() -> Parser:
    """An absolute http or https address; anything else (`javascript:`) is refused."""
    plain = text(5000)

    def parse(raw: Any, name: str) -> str:
        value = plain(raw, name)
        if not value.startswith(("http://", "https://")):
            raise invalid_param("Not a valid URL", name, "url_invalid")
        return str(value)

    return parse


ADDRESS = struct({key: text(can_clear=True) for key in ("city", "country", "line1", "line2", "postal_code", "state")}, can_clear=True)
SHIPPING = struct(
    {"address": ADDRESS, "name": text(), "carrier": text(), "phone": text(), "tracking_number": text()}, required=("address", "name"), can_clear=True
)
PAGING: dict[str, Parser] = {"limit": integer(1, 100), "starting_after": text(255), "ending_before": text(255)}
