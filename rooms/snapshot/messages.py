"""The snapshot: a room as a late joiner finds it."""

from uuid import UUID

from realtime.messages import Lossless
from rooms.cards.messages import ProductView, RaisedCardView
from rooms.engagement.messages import CommentView
from rooms.live.stage.messages import GuestView, OwnStage
from rooms.program.messages import Entry, StateName, Undo


class Snapshot(Lossless, tag="snapshot"):
    """Law: old snapshot + later messages = new snapshot (rooms/snapshot/reducer.py says how each kind applies).

    `entries`: the one on air and those that are still to start, by seq. `state` holds from `state_at_ms` on.
    The revisions say which messages of a kind are news: those with a greater one. Every other is already in here.
    `cards`: raised and not expired, oldest first. `lowered_cues`: cues of the entry on air whose card the host took down.
    `comments`: the last 50, oldest first. `muted_until_ms`: this viewer's own mute, 0 for none. `guests`: on stage, by place;
    `own_stage`: how this viewer stands there, None for who did not ask.
    """

    server_ms: int
    room_id: UUID
    slug: str
    title: str
    host_name: str
    host_avatar_url: str
    season_id: UUID | None
    scheduled_at_ms: int | None
    is_looping: bool
    revision: int
    state: StateName
    state_at_ms: int
    airing_id: UUID | None
    undo: Undo | None
    entries: list[Entry]
    cards: list[RaisedCardView]
    lowered_cues: list[UUID]
    bag_revision: int
    bag: list[UUID]
    pinned_product_id: UUID | None
    products: list[ProductView]
    comments: list[CommentView]
    pin_revision: int
    pin: CommentView | None
    slow_mode_s: int
    rules_revision: int
    muted_until_ms: int
    likes_total: int
    guests_revision: int
    guests: list[GuestView]
    guests_waiting: int
    own_stage_revision: int
    own_stage: OwnStage | None
