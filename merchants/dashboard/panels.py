"""What the office's home shows. Upper floors offer panels by dotted path in `settings.HOME_PANELS`; the frame draws them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils.module_loading import import_string

log = structlog.get_logger(__name__)

Tone = Literal["neutral", "ok", "warn", "danger", "live"]


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    is_primary: bool = False


@dataclass(frozen=True)
class Figure:
    """One number with its name and a note beneath."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class OnAir:
    """The room that is on air. `progress_permille` of the running episode; `ticks_permille` are its cues."""

    title: str
    subtitle: str
    badge: str
    poster_url: str
    progress_permille: int
    ticks_permille: Sequence[int]
    figures: Sequence[Figure]
    links: Sequence[Link]


@dataclass(frozen=True)
class Row:
    """One line of a list: a room to come, a task to do. `when` is the left column."""

    title: str
    detail: str = ""
    when: str = ""
    tag: str = ""
    tone: Tone = "neutral"
    icon: str = "task"
    link: Link | None = None


@dataclass(frozen=True)
class Bar:
    """One bar of a small chart; `value_permille` of the highest bar."""

    label: str
    value: str
    value_permille: int
    is_now: bool = False


@dataclass(frozen=True)
class Panel:
    """`place`: on_air (wide, left), next (left), todo (right), charts (bottom). `permission` decides who sees it."""

    place: Literal["on_air", "next", "todo", "charts"]
    title: str
    permission: str
    figure: str = ""
    note: str = ""
    on_air: Sequence[OnAir] = field(default_factory=tuple)
    rows: Sequence[Row] = field(default_factory=tuple)
    bars: Sequence[Bar] = field(default_factory=tuple)
    empty: str = ""
    link: Link | None = None


@cache
def _sources() -> list[Callable[[Any], list[Panel]]]:
    return [import_string(path) for path in settings.HOME_PANELS]


def list_panels(user: Any, allowed: Callable[[Any, str], bool]) -> list[Panel]:
    """The panels that `user` may see. One source's defect leaves the others standing."""
    panels: list[Panel] = []
    for source in _sources():
        try:
            panels += [panel for panel in source(user) if allowed(user, panel.permission)]
        except DatabaseError:
            log.exception("home_panel_failed", source=source.__module__)
    return panels
