"""The demo's rooms: an opening night that becomes a replay, a room that loops the season, a room to come."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from config.demo.film import Story
from config.demo.people import email_of
from merchants.foundation import clock
from rooms.program import actions as program
from rooms.program.errors import RoomNotFound
from rooms.program.queries import RoomView, get_room
from rooms.program.schedule import create_room
from rooms.program.states import State

OPENING, MAIN, NEXT = "opening-night", "midnight-show", "next-season"


def find_room(slug: str) -> RoomView | None:
    try:
        return get_room(slug)
    except RoomNotFound:
        return None


def open_room(*, story: Story, slug: str, title: str, season_id: UUID, is_looping: bool = True) -> RoomView:
    """A room on air with the season; one that stands already is left as it is. Needs: the shop's schema."""
    room = find_room(slug)
    if room is None:
        room_id = create_room(
            slug=slug, title=title, actor=email_of("editor", story.slug), season_id=season_id, host_name=story.host, is_looping=is_looping
        )
        program.start_show(room_id=room_id, actor=email_of("host", story.slug))
        room = get_room(slug)
    elif room.state == State.SCHEDULED:
        program.start_show(room_id=room.id, actor=email_of("host", story.slug))
        room = get_room(slug)
    return room


def close_room(*, story: Story, slug: str) -> None:
    """End the show for good; its replay stays."""
    room = find_room(slug)
    if room is not None and room.is_on_air:
        program.end_show(room_id=room.id, actor=email_of("host", story.slug))


def announce_room(*, story: Story, slug: str, title: str, season_id: UUID) -> None:
    """A room that starts by itself the day after tomorrow at the full hour."""
    if find_room(slug) is None:
        at = (clock.now() + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
        create_room(slug=slug, title=title, actor=email_of("editor", story.slug), season_id=season_id, host_name=story.host, scheduled_at=at)


def note_playable(folder: Path) -> None:
    """Tell the supervisor that a room with a playable episode opens."""
    (folder / "playable").touch()
