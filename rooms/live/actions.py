"""The stories of cutting in."""

from uuid import UUID

from django.db import transaction

from merchants.foundation.audit import record_action
from rooms.cards.queries import get_bag
from rooms.live.errors import FiltersBarred, NoLine
from rooms.live.queries import get_overview, is_heard
from rooms.program import actions as program
from rooms.program.steps import lock_room


def go_live(*, room_id: UUID, actor: str, at_episode_end: bool = False) -> None:
    """Put the host's line on air: at once, or when the running episode ends.

    Raises: RoomNotFound, IllegalMove, NoLine when no picture of the host arrives. After commit: `program`, `state`.
    """
    if not is_heard(get_overview(room_id)):
        raise NoLine
    program.go_live(room_id=room_id, actor=actor, at_episode_end=at_episode_end)


def set_filter(*, room_id: UUID, actor: str, is_on: bool) -> None:
    """Note that the host's camera is smoothed from now on, or no longer, and which product is being explained: what a picture is
    later said to prove can be checked against it. Where filters are switched off only their end is noted.

    Raises: RoomNotFound, FiltersBarred.
    """
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        if is_on and not room.allows_filters:
            raise FiltersBarred
        product = get_bag(room.pk).pinned_id
        details = {"is_on": "yes" if is_on else "no", "product": str(product or ""), "airing": str(room.airing_id or "")}
        record_action(actor=actor, action="live.filter", subject=f"room:{room.pk}", **details)
