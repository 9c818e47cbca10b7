"""Steps that the stories of the stage share. Each needs an open transaction and the room's locked row."""

from uuid import UUID

import structlog
from django.db import transaction
from redis.exceptions import RedisError

from merchants.foundation.tenancy import current_schema
from realtime.publish import Topic, publish_on_commit
from realtime.rtc.names import RoomName, line_of
from realtime.rtc.orders import give_order
from realtime.rtc.requests import CloseLine, MuteLine
from rooms.live.stage import messages
from rooms.live.stage.models import StageGuest
from rooms.live.stage.queries import count_waiting, list_open, on_stage, own_stage, view_of
from rooms.program.air import client
from rooms.program.models import Room
from rooms.program.steps import bump, tell

log = structlog.get_logger(__name__)


def line_of_guest(guest_id: UUID | str) -> str:
    return line_of("guest", str(guest_id))


def tell_stage(room: Room) -> int:
    """Tell everybody who is on stage now. Returns the revision of it."""
    revision = bump(room)
    room.save(update_fields=["revision"])
    guests = list_open(room.pk)
    tell(room, messages.Guests(revision=revision, guests=on_stage(guests), waiting=count_waiting(guests)))
    return revision


def tell_guest(room: Room, row: StageGuest, revision: int) -> None:
    """Tell who it is about how they stand, and why if it is over."""
    own = own_stage([view_of(row)], row.viewer_id) if not row.ending else None
    standing = messages.Standing(room_id=room.pk, revision=revision, own=own, ending=row.ending)
    publish_on_commit(Topic.viewer(current_schema(), row.viewer_id), standing)


def order_on_commit(room_id: UUID, order: MuteLine | CloseLine) -> None:
    room = RoomName.of(current_schema(), room_id)
    transaction.on_commit(lambda: _try_to_order(room, order))


def _try_to_order(room: RoomName, order: MuteLine | CloseLine) -> None:
    try:
        give_order(client(), room, order)
    except RedisError as error:
        log.warning("order_not_given", room=room.key, reason=str(error))  # `tend_stage` gives it again
