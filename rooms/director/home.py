"""What the rooms say on the office's home: what is on air, what comes next."""

from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dramas.seasons.queries import EpisodeView, get_season, list_cues
from merchants.dashboard.panels import Figure, Link, OnAir, Panel, Row
from merchants.foundation import clock as wall
from rooms.director.console import count_viewers
from rooms.engagement.queries import count_likes
from rooms.program.clock import Entry, current_entry, position
from rooms.program.queries import RoomView, list_last_entries, list_rooms_on_air, list_rooms_upcoming

MOST_UPCOMING = 6


def list_panels(user: Any) -> list[Panel]:
    return [
        Panel(
            place="on_air",
            title=_("On air"),
            permission="rooms.view",
            on_air=[_on_air(room) for room in list_rooms_on_air(with_rehearsals=True)],
            empty=_("No room is on air."),
        ),
        Panel(
            place="next",
            title=_("Next"),
            permission="rooms.view",
            rows=[_next(room) for room in list_rooms_upcoming()[:MOST_UPCOMING]],
            empty=_("Nothing is scheduled. Open a room and give it a time."),
            link=Link(_("All rooms"), "/admin/rooms/room/"),
        ),
    ]


def _on_air(room: RoomView) -> OnAir:
    now_ms = wall.now_ms()
    entry = current_entry(list_last_entries(room.airing_id), now_ms)
    season = get_season(room.season_id) if room.season_id else None
    episode = next((found for found in season.episodes if entry and found.id == entry.source.id), None) if season else None
    viewers = count_viewers(room.id)
    return OnAir(
        title=room.title,
        subtitle=_subtitle(episode, len(season.episodes) if season else 0),
        badge=str(room.state.label),
        poster_url=episode.poster_url if episode else "",
        progress_permille=_permille(position(entry, now_ms), entry) if entry else 0,
        ticks_permille=[_permille(cue.at_ms, entry) for cue in list_cues(episode.id)] if entry and episode else [],
        figures=[
            Figure(_("Viewers"), formats.number_format(viewers, force_grouping=True)),
            Figure(_("Likes"), formats.number_format(count_likes(room.airing_id), force_grouping=True)),
        ],
        links=[Link(_("Console"), f"/console/{room.slug}/", is_primary=True), Link(_("Room"), f"/rooms/{room.slug}/")],
    )


def _subtitle(episode: EpisodeView | None, count: int) -> str:
    if episode is None:
        return str(ngettext("%(count)s episode", "%(count)s episodes", count) % {"count": count})
    return _("Episode %(number)s of %(count)s, %(title)s") % {"number": episode.number, "count": count, "title": episode.title}


def _permille(at_ms: int, entry: Entry) -> int:
    return min(1000, at_ms * 1000 // entry.duration_ms) if entry.duration_ms else 0


def _next(room: RoomView) -> Row:
    at = timezone.localtime(room.scheduled_at) if room.scheduled_at else None
    return Row(
        title=room.title,
        detail=room.host_name,
        when=formats.date_format(at, "SHORT_DATETIME_FORMAT") if at else _("no time yet"),
        tag="" if room.season_id else _("no season"),
        tone="neutral" if room.season_id else "warn",
        icon="clock",
        link=Link(_("Open"), f"/admin/rooms/room/{room.id}/change/"),
    )
