"""The design system in templates: the same icons as the scripts use."""

import json
from functools import cache

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

FILLED = mark_safe(' class="icon-fill"')
DECORATION = mark_safe('aria-hidden="true"')


@cache
def _paths() -> dict[str, list[str]]:
    source = settings.BASE_DIR / "merchants" / "frontend" / "design" / "icons.json"
    icons: dict[str, list[str]] = json.loads(source.read_text())
    return icons


@register.simple_tag
def icon(name: str, size: int = 20, label: str = "") -> SafeString:
    """An outline icon in the colour of its text; without `label` it is decoration and hidden from assistive technology.

    Raises: KeyError for a name that `icons.json` lacks.
    """
    lines = format_html_join("", '<path{} d="{}"/>', (_split(path) for path in _paths()[name]))
    spoken = format_html('role="img" aria-label="{}"', label) if label else DECORATION
    return format_html('<svg class="icon" width="{0}" height="{0}" viewBox="0 0 24 24" {1}>{2}</svg>', size, spoken, lines)


def _split(path: str) -> tuple[str, str]:
    """The attributes and the shape of a path; `!` marks a filled one."""
    return (FILLED, path[1:]) if path.startswith("!") else ("", path)
