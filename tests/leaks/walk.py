"""The product's own lists, walked: addresses, sockets, tasks, purposes of tokens. The expectations must name exactly these."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import URLResolver, get_resolver

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("merchants", "realtime", "commerce", "dramas", "rooms", "config")
SHOP, PLATFORM = "config.urls_shop", "config.urls_platform"
_APP_LABELS = re.compile(r"\^\(\?P<app_label>[^)]*\)/\$$")


@cache
def list_doors(urlconf: str) -> tuple[str, ...]:
    """Every address of a host, as its pattern is written: `api/v1/bag/<uuid:variant_id>/`; the admin's own ones included."""
    return tuple(sorted(set(_walk(get_resolver(urlconf).url_patterns, ""))))


def _walk(patterns: list[Any], prefix: str) -> Iterator[str]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, path)
        else:
            yield _APP_LABELS.sub("<app_label>/", path)


def parameters_of(path: str) -> list[str]:
    return re.findall(r"<(?:[a-z]+:)?([a-z_0-9]+)>", path)


def list_token_purposes() -> set[str]:
    """The purposes of every call of `signing.sign` and `signing.sign_for`, read from the source."""
    return {purpose for path in _sources() for purpose in _purposes_in(path)}


def _sources() -> Iterator[Path]:
    for floor in FLOORS:
        yield from (path for path in (ROOT / floor).rglob("*.py") if "migrations" not in path.parts)


def _purposes_in(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"sign", "sign_for"}:
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "signing":
                yield _purpose_of(node.args[1 if node.func.attr == "sign_for" else 0], constants, path)


def _purpose_of(argument: ast.expr, constants: dict[str, Any], path: Path) -> str:
    if isinstance(argument, ast.Constant):
        return str(argument.value)
    if isinstance(argument, ast.Name) and argument.id in constants:
        return str(constants[argument.id])
    raise AssertionError(f"{path}: write a token's purpose as a constant of its module, so that this suite can list it")
