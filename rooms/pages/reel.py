"""A finished show as one timeline: its episodes and live parts end to end, and what had to be left out. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from rooms.program.clock import Span
from rooms.program.states import SourceKind
from rooms.recordings.queries import RecordingView

# A room that looped all day is replayed by its last round.
MOST_SPANS = 40
# A recording begins with a keyframe, a moment after the cut: less than this is not worth a word.
NOTED_MS = 3_000
SHORTEST_MS = 200


@dataclass(frozen=True)
class Stretch:
    """A stretch of the timeline: the program's entry `seq` from `from_ms` to `to_ms` (positions), beginning at `at_ms` of the replay.

    Of an episode, or of a recording of the host's line. `media_ms` is the place of `from_ms` in its film.
    """

    seq: int
    episode_id: UUID | None
    recording_id: UUID | None
    at_ms: int
    from_ms: int
    to_ms: int
    media_ms: int

    @property
    def length_ms(self) -> int:
        return self.to_ms - self.from_ms

    def place_of(self, position_ms: int) -> int | None:
        """Where a position of the entry lies on the timeline; None when it was not shown."""
        return self.at_ms + position_ms - self.from_ms if self.from_ms <= position_ms < self.to_ms else None


@dataclass(frozen=True)
class LeftOut:
    """So much of a live part is missing just before `at_ms` of the timeline."""

    at_ms: int
    length_ms: int


@dataclass(frozen=True)
class Reel:
    stretches: tuple[Stretch, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def duration_ms(self) -> int:
        return sum(stretch.length_ms for stretch in self.stretches)

    def place_of(self, seq: int, position_ms: int) -> int | None:
        """Where a place of the program lies on the timeline. What happened in the moment before a recording begins is shown with its
        first picture; None for what is not in the replay."""
        for stretch in self.stretches:
            if stretch.seq == seq and (place := stretch.place_of(position_ms)) is not None:
                return place
        near = [one for one in self.stretches if one.seq == seq and one.recording_id and 0 <= one.from_ms - position_ms < NOTED_MS]
        return near[0].at_ms if near else None


def lay_out(spans: Sequence[Span], recordings: Sequence[RecordingView]) -> Reel:
    """Breaks and what was never recorded take no time."""
    shown = [span for span in spans if _is_shown(span)][-MOST_SPANS:]
    stretches: list[Stretch] = []
    left_out: list[LeftOut] = []
    at_ms = 0
    for span in shown:
        found = list(_pieces_of(span, recordings)) if span.source.kind == SourceKind.LIVE else [_whole(span)]
        reached_ms = span.from_ms
        for part in found:
            _note(left_out, at_ms, part.from_ms - reached_ms)
            stretches.append(Stretch(part.seq, part.episode_id, part.recording_id, at_ms, part.from_ms, part.to_ms, part.media_ms))
            at_ms, reached_ms = at_ms + part.length_ms, part.to_ms
        _note(left_out, at_ms, span.to_ms - reached_ms)
    return Reel(tuple(stretches), tuple(left_out))


def _is_shown(span: Span) -> bool:
    is_episode = span.source.kind == SourceKind.EPISODE and span.source.id is not None
    return span.length_ms > 0 and (is_episode or span.source.kind == SourceKind.LIVE)


def _whole(span: Span) -> Stretch:
    return Stretch(span.seq, span.source.id, None, 0, span.from_ms, span.to_ms, span.from_ms)


def _pieces_of(span: Span, recordings: Sequence[RecordingView]) -> Iterator[Stretch]:
    """What was recorded of a live span, in order. Of two recordings of the same moment the earlier one is shown."""
    reached_at_ms, ends_at_ms = span.started_at_ms, span.started_at_ms + span.length_ms
    pieces = sorted((piece.at_ms, piece.media_ms, piece.length_ms, str(one.id), one.id) for one in recordings for piece in one.pieces)
    for at_ms, media_ms, length_ms, _, recording_id in pieces:
        begins_at_ms, until_ms = max(reached_at_ms, at_ms), min(ends_at_ms, at_ms + length_ms)
        if until_ms - begins_at_ms < SHORTEST_MS:
            continue
        from_ms = span.from_ms + begins_at_ms - span.started_at_ms
        yield Stretch(span.seq, None, recording_id, 0, from_ms, from_ms + until_ms - begins_at_ms, media_ms + begins_at_ms - at_ms)
        reached_at_ms = until_ms


def _note(left_out: list[LeftOut], at_ms: int, length_ms: int) -> None:
    if length_ms >= NOTED_MS:
        left_out.append(LeftOut(at_ms, length_ms))
