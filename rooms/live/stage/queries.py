"""Reads of the stage. Everything here needs the tenant's schema."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from merchants.foundation import clock as wall
from rooms.live.gate import shows_live
from rooms.live.stage.messages import GuestView, OwnStage, OwnStanding
from rooms.live.stage.models import StageGuest
from rooms.live.stage.states import MOST_GUESTS, OPEN, SENDING, Standing
from rooms.program.air import Air, read_air


@dataclass(frozen=True)
class Guest:
    """A request or a guest, as the host sees them. `place` None: they wait."""

    id: UUID
    viewer_id: str
    nickname: str
    has_picture: bool
    standing: Standing
    place: int | None
    is_muted: bool
    is_gone: bool
    asked_at: datetime


@dataclass(frozen=True)
class StageView:
    """`requests` in the order in which they were made, `guests` by place. `is_open`: somebody could be let on now."""

    is_open: bool
    most: int
    requests: tuple[Guest, ...]
    guests: tuple[Guest, ...]


def is_open(air: Air, at_ms: int) -> bool:
    """The host is live, will be in a moment, or is expected back."""
    return shows_live(air, at_ms)


def list_open(room_id: UUID | str) -> list[Guest]:
    """Requests and guests, the oldest first. One query."""
    return [view_of(row) for row in StageGuest.objects.filter(room_id=room_id, standing__in=OPEN)]


def get_stage(room_id: UUID) -> StageView:
    """For the console. Three queries."""
    found = list_open(room_id)
    return StageView(
        is_open=is_open(read_air(room_id), wall.now_ms()),
        most=MOST_GUESTS,
        requests=tuple(guest for guest in found if guest.standing == Standing.ASKED),
        guests=tuple(sorted((guest for guest in found if guest.place is not None), key=lambda guest: guest.place or 0)),
    )


def on_stage(guests: list[Guest]) -> list[GuestView]:
    """What everybody sees of them, by place."""
    shown = sorted((guest for guest in guests if guest.standing == Standing.ON_STAGE), key=lambda guest: guest.place or 0)
    return [GuestView(guest.id, guest.nickname, guest.place or 0, guest.has_picture, guest.is_muted, guest.is_gone) for guest in shown]


def count_waiting(guests: list[Guest]) -> int:
    return sum(guest.standing == Standing.ASKED for guest in guests)


def own_stage(guests: list[Guest], viewer_id: str) -> OwnStage | None:
    """How this viewer stands; None for who did not ask."""
    own = next((guest for guest in guests if guest.viewer_id == viewer_id), None)
    return None if own is None else OwnStage(own.id, cast(OwnStanding, str(own.standing)), own.has_picture, own.is_muted)


def find_sender(room_id: UUID | str, *, viewer_id: str = "", guest_id: str = "") -> Guest | None:
    """Who may send as a guest: this viewer, or this guest; None when nobody invited them, or no longer."""
    senders = [guest for guest in list_open(room_id) if guest.standing in SENDING]
    return next((guest for guest in senders if viewer_id == guest.viewer_id or guest_id == str(guest.id)), None)


def view_of(row: StageGuest) -> Guest:
    return Guest(
        id=row.pk,
        viewer_id=row.viewer_id,
        nickname=row.nickname,
        has_picture=row.has_picture,
        standing=Standing(row.standing),
        place=row.place,
        is_muted=row.is_muted,
        is_gone=row.silent_since is not None,
        asked_at=row.asked_at,
    )
