"""Viewer events as the browser sends them. Declared once: these structs check them, and the TypeScript is written from them.

An event's `id` is a UUID of version 7 whose first 48 bits are the moment it happened, in the server's time as far as the
browser knows it. So the moment is a part of the identity: sent again, an event cannot move, and it is stored once.
"""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

import msgspec

from realtime.messages import Incoming
from realtime.throttle import Limit
from rooms.insights.events.kinds import Kind

MOST_EVENTS = 50
MOST_BATCH_BYTES = 16_384

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=86_400_000)]
Sequence = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
# A heartbeat comes every ten seconds; a sleeping tab may be late, and has not watched meanwhile.
Watched = Annotated[int, msgspec.Meta(ge=0, le=60_000)]
Amount = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Word = Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[A-Za-z0-9._-]*$")]
Token = Annotated[str, msgspec.Meta(max_length=600, pattern=r"^[A-Za-z0-9._:=-]*$")]


class Event(msgspec.Struct, tag_field="k", kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where in the program it happened: `program_seq` 0 outside of a show; `position_ms` of the source, `episode_id` when that is one."""

    kind: ClassVar[Kind]

    id: UUID
    program_seq: Sequence = 0
    position_ms: Milliseconds = 0
    episode_id: UUID | None = None


class EnterEvent(Event, tag="enter"):
    """A page was opened. `source`: `utm_source`.

    `variant`: what the page was served with. It comes as the server's own signed word; kept is what that says (see `variants`).
    """

    kind: ClassVar[Kind] = Kind.ENTER

    surface: Literal["room", "replay"]
    source: Word = ""
    variant: Token = ""


class PlayEvent(Event, tag="play"):
    """The first frame, so many milliseconds after the page's start."""

    kind: ClassVar[Kind] = Kind.PLAY

    after_ms: Milliseconds


class HeartbeatEvent(Event, tag="heartbeat"):
    """The playhead stands at `position_ms`; so much was watched since the last one."""

    kind: ClassVar[Kind] = Kind.HEARTBEAT

    watched_ms: Watched


class PauseEvent(Event, tag="pause"):
    kind: ClassVar[Kind] = Kind.PAUSE


class SeekEvent(Event, tag="seek"):
    """From `from_ms` to `position_ms`."""

    kind: ClassVar[Kind] = Kind.SEEK

    from_ms: Milliseconds


class QualityEvent(Event, tag="quality"):
    """The picture's height in lines, from here on."""

    kind: ClassVar[Kind] = Kind.QUALITY

    height: Annotated[int, msgspec.Meta(ge=1, le=8_192)]


class StallEvent(Event, tag="stall"):
    """The picture stood still for `stalled_ms`."""

    kind: ClassVar[Kind] = Kind.STALL

    stalled_ms: Milliseconds


class DanmakuEvent(Event, tag="danmaku"):
    """A line or a comment was sent and taken. Not its words."""

    kind: ClassVar[Kind] = Kind.DANMAKU


class LikeEvent(Event, tag="like"):
    kind: ClassVar[Kind] = Kind.LIKE

    count: Count


class GiftEvent(Event, tag="gift"):
    """`coins` as the viewer saw them; money is counted by the ledger."""

    kind: ClassVar[Kind] = Kind.GIFT

    coins: Count


class CueShownEvent(Event, tag="cue.shown"):
    kind: ClassVar[Kind] = Kind.CUE_SHOWN

    product_id: UUID
    cue_id: UUID | None = None


class CueClickedEvent(Event, tag="cue.clicked"):
    kind: ClassVar[Kind] = Kind.CUE_CLICKED

    product_id: UUID
    cue_id: UUID | None = None


class CueDismissedEvent(Event, tag="cue.dismissed"):
    kind: ClassVar[Kind] = Kind.CUE_DISMISSED

    product_id: UUID
    cue_id: UUID | None = None


class BagEvent(Event, tag="bag"):
    """The product was taken in hand to be paid for: put into the bag, or the sheet of the checkout opened with it."""

    kind: ClassVar[Kind] = Kind.BAG

    product_id: UUID
    cue_id: UUID | None = None


class ExitEvent(Event, tag="exit"):
    """The page was left or hidden; so much was watched since the last heartbeat."""

    kind: ClassVar[Kind] = Kind.EXIT

    watched_ms: Watched


class CheckoutEvent(Event, tag="checkout"):
    """An order was placed. From the ledger."""

    kind: ClassVar[Kind] = Kind.CHECKOUT

    amount_minor: Amount
    cue_id: UUID | None = None


class PaidEvent(Event, tag="paid"):
    """An order was paid. From the ledger."""

    kind: ClassVar[Kind] = Kind.PAID

    amount_minor: Amount
    cue_id: UUID | None = None


FromBrowser = (
    EnterEvent
    | PlayEvent
    | HeartbeatEvent
    | PauseEvent
    | SeekEvent
    | QualityEvent
    | StallEvent
    | DanmakuEvent
    | LikeEvent
    | GiftEvent
    | CueShownEvent
    | CueClickedEvent
    | CueDismissedEvent
    | BagEvent
    | ExitEvent
)
Stored = FromBrowser | CheckoutEvent | PaidEvent

Events = Annotated[list[FromBrowser], msgspec.Meta(min_length=1, max_length=MOST_EVENTS)]


class SendEvents(Incoming, tag="events"):
    """A batch of one visit. `session` is the page's own number of it; who the viewer is, the ticket says."""

    limit: ClassVar[Limit] = Limit(per_s=0.5, burst=10)
    most_bytes: ClassVar[int] = MOST_BATCH_BYTES

    session: UUID
    events: Events


class Batch(msgspec.Struct, forbid_unknown_fields=True):
    """The same over HTTP."""

    session: UUID
    events: Events


class Parcel(msgspec.Struct, array_like=True):
    """An entry of the stream: what one viewer sent at once. `session` is None for what the ledger says."""

    schema: str
    room_id: UUID
    viewer_id: UUID
    session: UUID | None
    received_ms: int
    events: list[Stored]


def happened_ms(event_id: UUID) -> int:
    """The moment inside the id, in epoch milliseconds."""
    return event_id.int >> 80
