"""What hosts and moderators decide. Doors check the permission; every story leaves its trace in the audit."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from merchants.foundation import clock as wall
from merchants.foundation.audit import record_action
from merchants.foundation.errors import InvalidInput
from rooms.moderation import messages
from rooms.moderation.mirror import mirror_mutes_on_commit, mirror_shop_on_commit
from rooms.moderation.models import Restriction
from rooms.program.models import Room
from rooms.program.steps import bump, lock_room, tell

MUTE_S = range(10, 30 * 86_400 + 1)
SLOW_MODE_S = range(0, 301)


def mute(*, room_id: UUID, viewer_id: str, nickname: str = "", for_s: int, actor: str) -> None:
    """Keep a viewer from writing in the room for `for_s` seconds; a second mute replaces the first.

    Raises: RoomNotFound, InvalidInput. After commit: `mute`.
    """
    if for_s not in MUTE_S:
        raise InvalidInput(field="for_s", reason=f"{MUTE_S.start}–{MUTE_S.stop - 1}")
    with transaction.atomic(durable=True):
        room, now = lock_room(room_id), wall.now()
        until = now + timedelta(seconds=for_s)
        _lift(kind=Restriction.Kind.MUTE, room=room, viewer_id=viewer_id)
        Restriction.objects.create(
            kind=Restriction.Kind.MUTE, room=room, viewer_id=viewer_id, nickname=nickname[:24], until=until, by=actor, created_at=now
        )
        _tell_mute(room, viewer_id, wall.to_ms(until))
        record_action(actor=actor, action="viewer.mute", subject=f"viewer:{viewer_id}", room=str(room_id), for_s=for_s)


def unmute(*, room_id: UUID, viewer_id: str, actor: str) -> None:
    """Lift the mute; without one nothing happens. After commit: `mute` with 0."""
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        if _lift(kind=Restriction.Kind.MUTE, room=room, viewer_id=viewer_id):
            _tell_mute(room, viewer_id, 0)
            record_action(actor=actor, action="viewer.unmute", subject=f"viewer:{viewer_id}", room=str(room_id))


def ban(*, viewer_id: str, nickname: str = "", actor: str) -> None:
    """Shut a viewer out of all rooms of the shop until the ban is lifted."""
    with transaction.atomic(durable=True):
        _lift(kind=Restriction.Kind.BAN, room=None, viewer_id=viewer_id)
        Restriction.objects.create(
            kind=Restriction.Kind.BAN, viewer_id=viewer_id, nickname=nickname[:24], until=None, by=actor, created_at=wall.now()
        )
        mirror_shop_on_commit()
        record_action(actor=actor, action="viewer.ban", subject=f"viewer:{viewer_id}")


def unban(*, viewer_id: str, actor: str) -> None:
    with transaction.atomic(durable=True):
        if _lift(kind=Restriction.Kind.BAN, room=None, viewer_id=viewer_id):
            mirror_shop_on_commit()
            record_action(actor=actor, action="viewer.unban", subject=f"viewer:{viewer_id}")


def set_slow_mode(*, room_id: UUID, seconds: int, actor: str) -> None:
    """At most one message of a viewer in `seconds`; 0 is off. Raises: RoomNotFound, InvalidInput. After commit: `rules`."""
    if seconds not in SLOW_MODE_S:
        raise InvalidInput(field="seconds", reason=f"{SLOW_MODE_S.start}–{SLOW_MODE_S.stop - 1}")
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        room.slow_mode_s = seconds
        revision = bump(room)
        room.save(update_fields=["slow_mode_s", "revision"])
        tell(room, messages.Rules(slow_mode_s=seconds, revision=revision))
        record_action(actor=actor, action="room.slow_mode", subject=f"room:{room_id}", seconds=seconds)


def _lift(*, kind: str, room: Room | None, viewer_id: str) -> bool:
    standing = Restriction.objects.filter(kind=kind, room=room, viewer_id=viewer_id, lifted_at=None)
    return bool(standing.update(lifted_at=wall.now()))


def _tell_mute(room: Room, viewer_id: str, until_ms: int) -> None:
    revision = bump(room)
    room.save(update_fields=["revision"])
    mirror_mutes_on_commit(room.pk)
    tell(room, messages.Mute(author=viewer_id, until_ms=until_ms, revision=revision))
