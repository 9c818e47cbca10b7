"""Form bodies and queries as Stripe's SDKs encode them: `a[b][0][c]=v` and `a[]=v`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from commerce.sandbox.wire.errors import Json, invalid_param

MAX_FIELDS = 2000
MAX_DEPTH = 8
_NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")


def decode_form(text: str) -> Json:
    """Nest a URL-encoded text into dicts and lists of strings.

    Indexed keys (`[0]`, `[1]`) stay a dict of digits here; the shape of the parameter decides whether it is a list.
    Raises: ApiError 400 for a malformed name, too many fields, or too deep a nesting.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except (ValueError, UnicodeDecodeError) as error:
        raise invalid_param("Invalid request: the form could not be decoded.") from error
    result: Json = {}
    for name, value in pairs:
        _put(result, _path(name), value)
    return result


def _path(name: str) -> list[str]:
    match = _NAME.match(name)
    if not match:
        raise invalid_param(f"Invalid parameter name: {name[:80]}")
    rest = match.group(2)
    path = [match.group(1), *(rest[1:-1].split("][") if rest else [])]
    if len(path) > MAX_DEPTH:
        raise invalid_param(f"Parameter is nested too deeply: {match.group(1)}")
    return path


def _put(target: Json, path: list[str], value: str) -> None:
    for part in path[:-1]:
        target = _child(target, part)
    last = path[-1]
    target[str(len(target)) if last == "" else last] = value


def _child(target: Json, part: str) -> Json:
    child: Any = target.setdefault(part or str(len(target)), {})
    if not isinstance(child, dict):
        raise invalid_param(f"Parameter is both a value and a hash: {part}", part)
    return child
