"""The office's page about a room's line: what viewers saw of it in a show, and the reports of drills."""

import csv
from io import StringIO
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from merchants.accounts.permissions import can
from merchants.dashboard.site import office
from rooms.live.chart import draw
from rooms.live.models import Drill
from rooms.live.statistics import list_drills, list_minutes, list_tiers, list_viewers
from rooms.program.errors import RoomNotFound
from rooms.program.queries import RoomView, ShowView, get_room, list_shows

VIEW = "rooms.view"
TIERS = {"webrtc": _("Direct (WebRTC)"), "llhls": _("Low-latency HLS")}
VERDICTS = {
    "passed": _("Passed"),
    "backup_did_not_come": _("The backup did not take over. Check that it sends, and that it is connected as the backup."),
    "backup_slow": _("The backup took over, but viewers saw the picture stand still for more than a second."),
    "primary_did_not_return": _("The primary did not come back by itself. Connect it anew."),
    "scene_did_not_come": _("The fault scene did not come up. Check that a director runs, and that the scene is approved."),
    "scene_slow": _("The fault scene came up later than it should. Check how busy the servers are."),
    "line_did_not_return": _("The line did not come back on air by itself. Take it on air by hand, and check the camera’s network."),
    "line_did_not_follow": _("The line did not follow to the other media server. Programs that send by a key have to be started anew."),
    "move_slow": _("The line moved, but it took longer than ten seconds."),
    "drill_unsupported": _("This media server cannot rehearse a loss."),
    "room_unknown": _("The line was gone before the drill could begin."),
    "line_unknown": _("The line was gone before the drill could begin."),
    "process_lost": _("The web process ended during the drill. Start it again."),
}
BROKEN = _("The media server did not answer. Start the drill again.")
STEPS = {
    "primary_dropped": _("Primary lost"),
    "backup_on_air": _("Backup on air"),
    "primary_on_air": _("Primary on air again"),
    "line_dropped": _("Line lost"),
    "scene_on_air": _("Fault scene on air"),
    "line_on_air": _("Line on air again"),
    "moved": _("Given to another media server"),
}


@require_safe
@never_cache
def line(request: HttpRequest, slug: str) -> HttpResponse:
    """The last show, or the one that `?show=` names."""
    if not can(request.user, "office.open"):
        return redirect_to_login(request.get_full_path())
    room, shows = _find(request, slug)
    show = _chosen(request, shows)
    minutes = list_minutes(show.id) if show else []
    context = {
        "title": _("Line and drills"),
        "room": room,
        "shows": shows,
        "show": show,
        "tiers": [(TIERS.get(found.tier, found.tier), found) for found in (list_tiers(show.id) if show else [])],
        "chart": draw([minute.frames_per_s for minute in minutes], most=30.0),
        "minutes": minutes,
        "drills": [_drill(drill) for drill in list_drills(room.id)],
    }
    return render(request, "rooms/line.html", office.each_context(request) | context)


@require_safe
@never_cache
def viewers_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """One row for each viewer and way to watch. Viewers are numbers: who they are stands nowhere."""
    if not can(request.user, "office.open"):
        return redirect_to_login(request.get_full_path())
    room, shows = _find(request, slug)
    show = _chosen(request, shows)
    if show is None:
        raise Http404
    name = f"viewers-{room.slug}-{show.started_at:%Y%m%d-%H%M}.csv"
    return HttpResponse(_write_csv(show.id), content_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _find(request: HttpRequest, slug: str) -> tuple[RoomView, list[ShowView]]:
    if not can(request.user, VIEW):
        raise Http404
    try:
        room = get_room(slug)
    except RoomNotFound as error:
        raise Http404(error.message) from error
    return room, list_shows(room.id)


def _chosen(request: HttpRequest, shows: list[ShowView]) -> ShowView | None:
    """Raises: Http404 for a show that is none of this room's."""
    asked = request.GET.get("show", "")
    if not asked:
        return shows[0] if shows else None
    found = next((show for show in shows if str(show.id) == asked), None)
    if found is None:
        raise Http404
    return found


def _drill(drill: Drill) -> dict[str, Any]:
    is_over = drill.state != Drill.State.RUNNING
    return {
        "drill": drill,
        "verdict": VERDICTS.get(drill.verdict, BROKEN) if is_over else "",
        "steps": [(STEPS.get(step["code"], step["code"]), step["at_ms"] / 1000) for step in drill.steps],
        "times": [(text, value / 1000) for text, value in _times(drill) if value is not None],
    }


def _times(drill: Drill) -> list[tuple[Any, int | None]]:
    return [
        (_("Picture stood still"), drill.gap_ms),
        (_("Until the fault scene"), drill.fault_ms),
        (_("Until the line was back"), drill.back_ms),
        (_("Worst viewer’s page"), drill.viewers_frozen_ms),
    ]


COLUMNS = ("viewer_id", "tier", "watched_ms", "width", "height", "frames_per_s", "freezes", "frozen_ms", "stalls", "lost_permille")


def _write_csv(airing_id: UUID) -> str:
    """Whole before the answer begins: what is streamed later would be read in no shop."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([getattr(viewer, column) for column in COLUMNS] for viewer in list_viewers(airing_id))
    return text.getvalue()
