"""The snapshot, read from PostgreSQL."""

from typing import cast
from uuid import UUID

from merchants.foundation import clock as wall
from merchants.foundation.tenancy import tenant_db
from realtime.ticket import Ticket
from rooms.cards.queries import get_bag, list_lowered_cues, list_products, list_shown_cards
from rooms.engagement.queries import count_likes, get_pinned_comment, list_comments
from rooms.live.stage.queries import count_waiting, list_open, on_stage, own_stage
from rooms.moderation.queries import get_muted_until_ms
from rooms.program.clock import current_entry
from rooms.program.lineup import get_lineup
from rooms.program.messages import StateName, Undo
from rooms.program.queries import get_room_by_id, list_last_entries
from rooms.program.steps import entry_out
from rooms.snapshot.messages import Snapshot
from rooms.snapshot.reducer import COMMENTS_KEPT, settle


def get_snapshot(room_id: UUID | str, viewer_id: str) -> Snapshot:
    """The room as it is now, for this viewer. A constant number of queries.

    The room's row is read first: what is read after it may be newer than its revision says, and applying a message that is
    already in here changes nothing.
    Needs: the tenant's schema. Raises: RoomNotFound.
    """
    room = get_room_by_id(room_id)
    now_ms = wall.now_ms()
    log = list_last_entries(room.airing_id)
    lineup = get_lineup(room.season_id)
    on_air = current_entry(log, now_ms)
    cards, bag = list_shown_cards(room.id), get_bag(room.id)
    guests = list_open(room.id)
    return settle(
        Snapshot(
            server_ms=now_ms,
            room_id=room.id,
            slug=room.slug,
            title=room.title,
            host_name=room.host_name,
            host_avatar_url=room.host_avatar_url,
            season_id=room.season_id,
            scheduled_at_ms=wall.to_ms(room.scheduled_at) if room.scheduled_at else None,
            is_looping=room.is_looping,
            revision=room.revision,
            state=cast(StateName, str(room.state)),
            state_at_ms=room.state_since_ms,
            airing_id=room.airing_id,
            undo=Undo(move=room.undo.move, until_ms=wall.to_ms(room.undo.until)) if room.undo else None,
            entries=[entry_out(entry, lineup, room.airing_id) for entry in log if room.airing_id],
            cards=cards,
            lowered_cues=list_lowered_cues(room.id, on_air.seq) if on_air else [],
            bag_revision=room.revision,
            bag=list(bag.product_ids),
            pinned_product_id=bag.pinned_id,
            products=list_products([*bag.product_ids, *(card.product_id for card in cards)]),
            comments=list(reversed(list_comments(room.id, limit=COMMENTS_KEPT).items)),
            pin_revision=room.revision,
            pin=get_pinned_comment(room.id),
            slow_mode_s=room.slow_mode_s,
            rules_revision=room.revision,
            muted_until_ms=get_muted_until_ms(room.id, viewer_id),
            likes_total=count_likes(room.airing_id),
            guests_revision=room.revision,
            guests=on_stage(guests),
            guests_waiting=count_waiting(guests),
            own_stage_revision=room.revision,
            own_stage=own_stage(guests, viewer_id),
        ),
        now_ms,
    )


_get_snapshot = tenant_db(get_snapshot)


async def make_snapshot(schema: str, room_id: str, viewer: Ticket) -> Snapshot:
    """For the socket: `config/sockets.py` names it."""
    return await _get_snapshot(schema, room_id, viewer.viewer_id)
