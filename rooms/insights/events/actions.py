"""Taking events: from a browser by its session, from the ledger by a fact."""

import hashlib
from datetime import datetime
from uuid import UUID

from merchants.foundation import clock
from merchants.foundation.tenancy import current_schema
from rooms.insights.events import stream
from rooms.insights.events.errors import EventsInvalid
from rooms.insights.events.filters import is_in_time
from rooms.insights.events.messages import CheckoutEvent, EnterEvent, FromBrowser, PaidEvent, Parcel, Stored, happened_ms
from rooms.insights.events.variants import read_variants

UUID_VERSION = 7
LONGEST_POSITION_MS = 86_400_000


def make_parcel(*, schema: str, room_id: UUID, viewer_id: str, session: UUID, events: list[FromBrowser]) -> Parcel | None:
    """What of a batch is taken; None when nothing is. Events out of time are left out: they are acknowledged, and sent again by nobody.

    A page's word about its variants is replaced by what the server had said to this viewer here. Needs no database.
    Raises: EventsInvalid (an id without a time, a viewer without an id).
    """
    received_ms = clock.now_ms()
    if any(event.id.version != UUID_VERSION for event in events):
        raise EventsInvalid(reason="id: expected a UUID of version 7")
    kept: list[Stored] = [event for event in events if is_in_time(happened_ms(event.id), received_ms)]
    if not kept:
        return None
    viewer = _uuid_or_none(viewer_id)
    if viewer is None:
        raise EventsInvalid(reason="viewer: expected a UUID")
    for event in kept:
        if isinstance(event, EnterEvent) and event.variant:
            event.variant = read_variants(event.variant, schema=schema, room_id=room_id, viewer_id=viewer_id)
    # A viewer can only write to sessions of their own: the number in the batch is no more than a part of it.
    own = hashlib.blake2b(room_id.bytes + viewer.bytes + session.bytes, digest_size=16).digest()
    return Parcel(schema, room_id, viewer, UUID(bytes=own), received_ms, kept)


def take_events(*, room_id: UUID, viewer_id: str, session: UUID, events: list[FromBrowser]) -> int:
    """Returns how many were taken, once they are on disk. Raises: EventsInvalid, EventsBehind, RedisError."""
    parcel = make_parcel(schema=current_schema(), room_id=room_id, viewer_id=viewer_id, session=session, events=events)
    if parcel is None:
        return 0
    stream.append(parcel)
    return len(parcel.events)


def take_order_event(
    *, step: type[CheckoutEvent] | type[PaidEvent], order_id: UUID, room_id: UUID, viewer_id: str, program_seq: int, position_ms: int,
    cue_id: str, amount_minor: int, at: datetime,
) -> None:  # fmt: skip
    """What the ledger says of an order that began in a room; said twice, it is counted once.

    A buyer without an id of ours (an order by hand) has no visit, and no event. Raises: EventsBehind, RedisError.
    """
    viewer = _uuid_or_none(viewer_id)
    if viewer is None:
        return
    event = step(
        id=order_event_id(order_id, step, at),
        program_seq=program_seq,
        position_ms=min(position_ms, LONGEST_POSITION_MS),
        cue_id=_uuid_or_none(cue_id),
        amount_minor=amount_minor,
    )
    stream.append(Parcel(current_schema(), room_id, viewer, None, clock.now_ms(), [event]))


def order_event_id(order_id: UUID, step: type[Stored], at: datetime) -> UUID:
    """The same order and step give the same id, with the moment of the step inside."""
    tail = int.from_bytes(hashlib.blake2b(order_id.bytes + step.__name__.encode(), digest_size=10).digest(), "big")
    high = clock.to_ms(at) << 80 | UUID_VERSION << 76 | (tail >> 68 & 0xFFF) << 64
    return UUID(int=high | 0b10 << 62 | tail & 0x3FFF_FFFF_FFFF_FFFF)


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
