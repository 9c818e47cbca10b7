"""How a screen applies messages to its snapshot. The law: old snapshot + later messages = new snapshot.

Applying a message twice, or one that is already in the snapshot, changes nothing: a late joiner's snapshot may be newer than
the point of the stream at which it was joined. The room page's `scene.ts` does the same in the browser.
"""

from collections.abc import Callable
from uuid import UUID

import msgspec

from realtime.messages import Lossless
from rooms.cards.messages import Bag, Card, CardLower, Product, ProductView
from rooms.engagement.messages import Comment, CommentDeleted, Pin
from rooms.live.stage.messages import Guests, Standing
from rooms.moderation.messages import Mute, Rules
from rooms.program.messages import Entry, Program, State
from rooms.snapshot.messages import Snapshot

COMMENTS_KEPT = 50


class Screen:
    """A snapshot that follows the room. `gone` keeps what was taken away: it never comes back."""

    def __init__(self, snapshot: Snapshot, viewer_id: str) -> None:
        self.snapshot = msgspec.structs.replace(snapshot)
        self.viewer_id = viewer_id
        self._gone: set[UUID] = set()
        self._lowered: set[tuple[int, UUID]] = {(snapshot.entries[0].seq, cue_id) for cue_id in snapshot.lowered_cues if snapshot.entries}
        self._muted_revision = snapshot.revision

    def apply(self, message: Lossless) -> None:
        """Kinds that a snapshot does not show are let through."""
        handler = _APPLY.get(type(message))
        if handler is not None:
            handler(self, message)

    def at(self, now_ms: int) -> Snapshot:
        """What is on the screen at `now_ms`."""
        settled = settle(self.snapshot, now_ms)
        on_air = settled.entries[0].seq if settled.entries else 0
        settled.lowered_cues = sorted(cue_id for seq, cue_id in self._lowered if seq == on_air)
        return settled

    def _change(self, **fields: object) -> None:
        self.snapshot = msgspec.structs.replace(self.snapshot, **fields)

    def _program(self, message: Program) -> None:
        entries = {entry.seq: entry for entry in [*self.snapshot.entries, message.entry]}
        self._change(entries=[entries[seq] for seq in sorted(entries)])

    def _state(self, message: State) -> None:
        if message.revision > self.snapshot.revision:
            self._change(revision=message.revision, state=message.state, state_at_ms=message.at_ms, airing_id=message.airing_id, undo=message.undo)

    def _card(self, message: Card) -> None:
        self._upsert_product(message.product)
        card = message.card
        if card.id in self._gone:
            return
        held = {shown.id: shown for shown in self.snapshot.cards}
        if card.id not in held or held[card.id].expires_at_ms < card.expires_at_ms:
            held[card.id] = card
        self._change(cards=sorted(held.values(), key=lambda shown: (shown.raised_at_ms, shown.id)))

    def _card_lower(self, message: CardLower) -> None:
        if message.card_id is not None:
            self._gone.add(message.card_id)
            self._change(cards=[card for card in self.snapshot.cards if card.id != message.card_id])
        if message.cue_id is not None:
            self._lowered.add((message.program_seq, message.cue_id))

    def _product(self, message: Product) -> None:
        self._upsert_product(message.product)

    def _upsert_product(self, product: ProductView) -> None:
        held = {shown.id: shown for shown in self.snapshot.products}
        if product.id not in held or held[product.id].as_of_ms <= product.as_of_ms:
            held[product.id] = product
        self._change(products=list(held.values()))

    def _bag(self, message: Bag) -> None:
        for product in message.products:
            self._upsert_product(product)
        if message.revision > self.snapshot.bag_revision:
            self._change(bag_revision=message.revision, bag=message.product_ids, pinned_product_id=message.pinned_id)

    def _comment(self, message: Comment) -> None:
        if message.comment.id in self._gone:
            return
        held = {shown.id: shown for shown in [*self.snapshot.comments, message.comment]}
        self._change(comments=[held[key] for key in sorted(held)])

    def _comment_deleted(self, message: CommentDeleted) -> None:
        self._gone.add(message.id)
        self._change(comments=[shown for shown in self.snapshot.comments if shown.id != message.id])

    def _pin(self, message: Pin) -> None:
        if message.revision > self.snapshot.pin_revision:
            self._change(pin_revision=message.revision, pin=message.comment)

    def _rules(self, message: Rules) -> None:
        if message.revision > self.snapshot.rules_revision:
            self._change(rules_revision=message.revision, slow_mode_s=message.slow_mode_s)

    def _mute(self, message: Mute) -> None:
        if message.author == self.viewer_id and message.revision > self._muted_revision:
            self._muted_revision = message.revision
            self._change(muted_until_ms=message.until_ms)

    def _guests(self, message: Guests) -> None:
        if message.revision > self.snapshot.guests_revision:
            self._change(guests_revision=message.revision, guests=message.guests, guests_waiting=message.waiting)

    def _standing(self, message: Standing) -> None:
        """Of one's own stream, which tells of all rooms."""
        if message.room_id == self.snapshot.room_id and message.revision > self.snapshot.own_stage_revision:
            self._change(own_stage_revision=message.revision, own_stage=message.own)


_APPLY: dict[type, Callable[..., None]] = {
    Program: Screen._program,
    State: Screen._state,
    Card: Screen._card,
    CardLower: Screen._card_lower,
    Product: Screen._product,
    Bag: Screen._bag,
    Comment: Screen._comment,
    CommentDeleted: Screen._comment_deleted,
    Pin: Screen._pin,
    Rules: Screen._rules,
    Mute: Screen._mute,
    Guests: Screen._guests,
    Standing: Screen._standing,
}


def settle(snapshot: Snapshot, now_ms: int) -> Snapshot:
    """Let time pass: entries that are over go, cards expire, an undo runs out, and a former show's program goes."""
    entries = _live_entries([entry for entry in snapshot.entries if entry.airing_id == snapshot.airing_id], now_ms)
    cards = [card for card in snapshot.cards if card.expires_at_ms > now_ms]
    wanted = {*snapshot.bag, *(card.product_id for card in cards)}
    return msgspec.structs.replace(
        snapshot,
        server_ms=now_ms,
        entries=entries,
        undo=snapshot.undo if snapshot.undo and snapshot.undo.until_ms > now_ms else None,
        cards=cards,
        products=sorted((product for product in snapshot.products if product.id in wanted), key=lambda product: product.id),
        comments=snapshot.comments[-COMMENTS_KEPT:],
        lowered_cues=sorted(snapshot.lowered_cues),
        muted_until_ms=snapshot.muted_until_ms if snapshot.muted_until_ms > now_ms else 0,
    )


def _live_entries(entries: list[Entry], now_ms: int) -> list[Entry]:
    """The entry on air and those that will still come on; what a later one has made void goes."""
    started = [entry for entry in entries if entry.started_at_ms <= now_ms]
    first = max((entry.seq for entry in started), default=0)
    return [entry for entry in entries if entry.seq == first or (entry.seq > first and entry.started_at_ms > now_ms)]
