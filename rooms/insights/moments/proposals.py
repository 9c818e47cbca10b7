"""From a second that stands out to what one might do about it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from dramas.seasons.cue_kinds import CARD
from dramas.seasons.queries import CueView
from rooms.insights.moments.density import BIN_S, Density
from rooms.insights.moments.signals import Signal
from rooms.insights.stats.rates import Bump, find_bumps


class Deed(StrEnum):
    """Put a card there, move one there, or tighten the cut; a tightened cut can be tried out by a card that comes before it."""

    ADD_CARD = "add_card"
    MOVE_CARD = "move_card"
    TIGHTEN = "tighten"


@dataclass(frozen=True)
class Proposal:
    """Seconds `begin_s` to `end_s` (left out) stand out by `signal`; `cue_id` is the card that a test would move, to `to_ms`."""

    signal: Signal
    begin_s: int
    end_s: int
    deed: Deed
    bump: Bump
    cue_id: UUID | None = None
    to_ms: int | None = None


def list_proposals(density: Density, cues: Sequence[CueView], duration_ms: int) -> list[Proposal]:
    """The surest first. Every bin of every signal is one comparison, and all of them share the error; see `stats.rates`."""
    comparisons = sum(len(counts) for counts in density.by_bin.values())
    cards = [cue for cue in cues if cue.kind == CARD.name]
    proposals = []
    for signal, counts in density.by_bin.items():
        for bump in find_bumps(counts, density.watched_s[: len(counts)], comparisons=comparisons):
            begin_s, end_s = bump.begin * BIN_S, min(bump.end * BIN_S, -(-duration_ms // 1000))
            make = _pacing if signal == Signal.EXIT else _moment
            proposal = make(signal, begin_s, end_s, bump, cards, duration_ms)
            if proposal is not None:
                proposals.append(proposal)
    return sorted(proposals, key=lambda one: (-one.bump.ratio.interval.low, one.begin_s, one.signal))


def _moment(signal: Signal, begin_s: int, end_s: int, bump: Bump, cards: Sequence[CueView], duration_ms: int) -> Proposal | None:
    """None where a card is up already: that is what the hands answer to."""
    begin_ms, end_ms = begin_s * 1000, end_s * 1000
    if any(card.at_ms < end_ms and begin_ms < card.at_ms + card.duration_ms for card in cards):
        return None
    nearest = min(cards, key=lambda card: (abs(card.at_ms - begin_ms), card.at_ms), default=None)
    if nearest is None:
        return Proposal(signal, begin_s, end_s, Deed.ADD_CARD, bump)
    to_ms = max(0, min(begin_ms, duration_ms - nearest.duration_ms))
    return Proposal(signal, begin_s, end_s, Deed.MOVE_CARD, bump, nearest.id, to_ms)


def _pacing(signal: Signal, begin_s: int, end_s: int, bump: Bump, cards: Sequence[CueView], duration_ms: int) -> Proposal:
    """The next card after it may be shown before people leave: as much of it as there is room for."""
    later = next((card for card in sorted(cards, key=lambda card: card.at_ms) if card.at_ms >= begin_s * 1000), None)
    if later is None:
        return Proposal(signal, begin_s, end_s, Deed.TIGHTEN, bump)
    to_ms = max(0, begin_s * 1000 - later.duration_ms)
    return Proposal(signal, begin_s, end_s, Deed.TIGHTEN, bump, later.id if to_ms != later.at_ms else None, to_ms if to_ms != later.at_ms else None)
