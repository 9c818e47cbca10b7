"""The text of a low-latency media playlist (RFC 8216bis). Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from realtime.rtc.hls.segmenter import PART_TARGET_S, TARGET_DURATION_S

# Parts of segments that ended longer ago than this are not listed any more; the segments are.
PARTS_LISTED_S = 3 * TARGET_DURATION_S


class PartLine(NamedTuple):
    duration_s: float
    is_independent: bool


class SegmentLine(NamedTuple):
    """`sequence` is its media sequence number, `head` the number of its head, `at` seconds since 1970."""

    sequence: int
    head: int
    at: float
    parts: Sequence[PartLine]

    @property
    def duration_s(self) -> float:
        return sum(part.duration_s for part in self.parts)


def head_name(head: int) -> str:
    return f"init{head}.mp4"


def segment_name(sequence: int) -> str:
    return f"s{sequence}.m4s"


def part_name(sequence: int, index: int) -> str:
    return f"s{sequence}.p{index}.m4s"


def render(segments: Sequence[SegmentLine], *, open_segment: SegmentLine | None, next_sequence: int, discontinuity: int, is_over: bool) -> str:
    """`segments` are whole; `open_segment` grows; its next part is announced, or the first of `next_sequence` without one.

    A change of the picture's size brings a new head without EXT-X-DISCONTINUITY: timestamps run on, and players that were
    told of a discontinuity stumbled over it.
    """
    listed = [*segments, open_segment] if open_segment is not None else list(segments)
    part_target_s = max([PART_TARGET_S, *(part.duration_s for segment in listed for part in segment.parts)])
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:9",
        f"#EXT-X-TARGETDURATION:{TARGET_DURATION_S}",
        f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={_up(3 * part_target_s)}",
        f"#EXT-X-PART-INF:PART-TARGET={_up(part_target_s)}",
        f"#EXT-X-MEDIA-SEQUENCE:{listed[0].sequence if listed else next_sequence}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{discontinuity}",
    ]
    head: int | None = None
    end_at = sum(segment.duration_s for segment in listed)
    passed_s = 0.0
    for segment in listed:
        passed_s += segment.duration_s
        if segment.head != head:
            head = segment.head
            lines.append(f'#EXT-X-MAP:URI="{head_name(head)}"')
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_date(segment.at)}")
        if end_at - passed_s <= PARTS_LISTED_S:
            lines += [_part(segment, index, part) for index, part in enumerate(segment.parts)]
        if segment is not open_segment:
            lines += [f"#EXTINF:{segment.duration_s:.5f},", segment_name(segment.sequence)]
    if is_over:
        lines.append("#EXT-X-ENDLIST")
    else:
        sequence, index = (open_segment.sequence, len(open_segment.parts)) if open_segment is not None else (next_sequence, 0)
        lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{part_name(sequence, index)}"')
    return "\n".join(lines) + "\n"


def _part(segment: SegmentLine, index: int, part: PartLine) -> str:
    independent = ",INDEPENDENT=YES" if part.is_independent else ""
    return f'#EXT-X-PART:DURATION={part.duration_s:.5f},URI="{part_name(segment.sequence, index)}"{independent}'


def _up(seconds: float) -> str:
    """Rounded up: no part may be longer than what is declared."""
    return f"{-(-round(seconds * 1e6) // 1000) / 1000:.3f}"


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
