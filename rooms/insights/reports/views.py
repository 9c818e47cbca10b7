"""The office's page of insights: what the shop's visits and orders say, of one room or of all, in a span of days.

What the page says at once are the figures, the funnel and who is still watching; its script asks for the rest by REST.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from merchants.accounts.permissions import can, require
from merchants.dashboard.site import office
from merchants.foundation.errors import Forbidden
from rooms.insights.clickhouse.errors import ClickHouseAway
from rooms.insights.experiments.course import course_state
from rooms.insights.experiments.queries import find_experiment_of_room
from rooms.insights.experiments.texts import ADVICE_TEXTS
from rooms.insights.figures.queries import get_figures
from rooms.insights.figures.texts import list_lines
from rooms.insights.queries.port import get_port
from rooms.insights.queries.postgres import list_drop_nodes
from rooms.insights.queries.shapes import DAY_MS, LEAST_STEPS, STEP_NAMES, FunnelRow, Question, Slice, in_order
from rooms.insights.reports.actions import list_measured_rooms
from rooms.insights.reports.api import HOUR_MS, LONGEST_WINDOW_H
from rooms.insights.reports.texts import page_texts, step_labels
from rooms.insights.stats.codes import BROKEN, STOP, WINNER
from rooms.program.queries import RoomView, list_rooms_by_id

ALL = ""
_TONES = {WINNER: "is-ok", BROKEN: "is-danger", STOP: "is-warn"}


@require_safe
def insights(request: HttpRequest) -> HttpResponse:
    """The room that `?room=` names (empty: all of them), else the first one that somebody visited.

    Nine queries whatever it holds, eight more where the room has an experiment.

    `?since=` and `?until=` are days in the shop's zone, both included; what is no day is as if it were not there.
    While ClickHouse is away, where it is on: the frame, and why it is empty.
    """
    try:
        require(request.user, "insights.view")
    except Forbidden as refusal:
        raise PermissionDenied(refusal.message) from refusal
    rooms = list_rooms_by_id(list_measured_rooms())
    wanted = request.GET.get("room")
    room = None if wanted == ALL else next((found for found in rooms if found.slug == wanted), rooms[0] if rooms else None)
    since, until = _day(request, "since"), _day(request, "until")
    frame: dict[str, Any] = {**office.each_context(request), "title": _("Insights"), "rooms": rooms, "room": room, "since": since, "until": until}
    try:
        question = _question(request, Slice(room_id=room.id if room else None, since=since, until=until))
        return render(request, "rooms/insights.html", frame | (_shown(request, rooms, room, question) if rooms else {}))
    except ClickHouseAway as refusal:
        return render(request, "rooms/insights.html", frame | {"refusal": refusal.message}, status=refusal.http_status)


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return parse_date(request.GET.get(name, ""))
    except ValueError:  # the 31st of a month that has none
        return None


def _question(request: HttpRequest, wanted: Slice) -> Question:
    """The funnel's steps (`?steps=` for each) and hours (`?window_h=`); what is no funnel is the usual one."""
    steps, hours = in_order(request.GET.getlist("steps")), request.GET.get("window_h", "")
    window_ms = int(hours) * HOUR_MS if hours.isdecimal() and len(hours) < 4 and 1 <= int(hours) <= LONGEST_WINDOW_H else DAY_MS
    return Question(wanted, window_ms=window_ms, split="variant", steps=steps if len(steps) >= LEAST_STEPS else STEP_NAMES)


def _shown(request: HttpRequest, rooms: list[RoomView], room: RoomView | None, question: Question) -> dict[str, Any]:
    port, wanted = get_port(), question.slice
    by_variant, seconds = port.list_funnel(question), port.list_retention(Question(wanted)) if room else []
    drops, labels, steps = list_drop_nodes(seconds), step_labels(), _total(by_variant, question.steps)
    since, until, window_h = wanted.since, wanted.until, question.window_ms // HOUR_MS
    figures = get_figures(room_id=wanted.room_id, since=since, until=until)
    narrowed = {"room_id": room.id if room else None, "since": since, "until": until}
    chosen = {"window_h": window_h} | ({"steps": ",".join(question.steps)} if question.steps != STEP_NAMES else {})
    test = _test(room) if room else None
    return {
        "figures": list_lines(figures),
        "steps": _steps(steps, labels),
        "variants": _variants(by_variant, labels),
        "drops": [{"node": node, "percent": node.hazard * 100} for node in drops],
        "query": urlencode({name: value for name, value in narrowed.items() if value}),
        "funnel_query": urlencode({name: value for name, value in (narrowed | chosen | {"split": "variant"}).items() if value}),
        "choices": [{"name": name, "label": labels[name], "is_chosen": name in question.steps} for name in STEP_NAMES],
        "is_chosen": question.steps != STEP_NAMES or question.window_ms != DAY_MS,
        "window_h": window_h,
        "longest_window_h": LONGEST_WINDOW_H,
        "test": test,
        "state": {
            "course": test["course"] if test else None,
            "funnel": [{"label": labels[step.name], "sessions": step.sessions} for step in steps],
            "variants": _variants(by_variant, labels),
            "seconds": [asdict(row) for row in seconds],
            "drops": [asdict(row) for row in drops],
            "room_id": str(room.id) if room else "",
            "is_on_air": bool(room and room.is_on_air),
            "currency": figures.currency,
            "room_names": {str(known.id): known.title for known in rooms},
            "days": {name: value.isoformat() for name, value in (("since", since), ("until", until)) if value},
            "may_test": can(request.user, "insights.edit"),
            "texts": page_texts(),
        },
    }


def _test(room: RoomView) -> dict[str, Any] | None:
    """The room's experiment, what is known of it, and the course of its first goal."""
    experiment = find_experiment_of_room(room.id)
    if experiment is None:
        return None
    course = course_state(experiment.id)
    first = next(iter(course["lines"]), None)
    return {
        "experiment": experiment,
        "advice": ADVICE_TEXTS[experiment.judgement.advice] if experiment.judgement else "",
        "tone": _TONES.get(experiment.judgement.advice, "") if experiment.judgement else "",
        "line": first["name"] if first else "",
        "course": {"points": first["points"], "texts": course["texts"]} if first and _is_said(first["points"]) else None,
    }


def _is_said(points: Sequence[Mapping[str, Any]]) -> bool:
    """Before anybody has bought there is nothing to draw."""
    return any(point["lift"] is not None for point in points)


def _total(rows: list[FunnelRow], names: Sequence[str]) -> list[FunnelRow]:
    """All variants together: a visit has one."""
    return [FunnelRow("", step, name, sum(row.sessions for row in rows if row.step == step)) for step, name in enumerate(names, start=1)]


def _variants(rows: list[FunnelRow], labels: dict[str, str]) -> list[dict[str, Any]]:
    """Each variant's steps with their share of its first one in per cent; none where nothing varied."""
    names = sorted({row.group for row in rows})
    if len(names) < 2:
        return []
    return [
        {
            "name": name or _("Without a variant"),
            "heading": _("Variant %(name)s") % {"name": name} if name else _("Without a variant"),
            "steps": _steps([row for row in rows if row.group == name], labels),
        }
        for name in names
    ]


def _steps(steps: list[FunnelRow], labels: dict[str, str]) -> list[dict[str, Any]]:
    """Each step with its share of the first one, and of the one before it, in per cent."""
    first = steps[0].sessions if steps else 0
    before = [first, *(step.sessions for step in steps)]
    return [
        {
            "label": labels[step.name],
            "sessions": step.sessions,
            "percent": 100 * step.sessions / first if first else 0,
            "kept_percent": 100 * step.sessions / last if last else 0,
        }
        for step, last in zip(steps, before, strict=False)
    ]
