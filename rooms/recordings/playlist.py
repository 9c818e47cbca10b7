"""A recording's HLS playlist as text (RFC 8216). Pure."""

from collections.abc import Sequence
from math import ceil

from realtime.rtc.hls.cut import Segment
from rooms.recordings.places import head_name, segment_name


def render(segments: Sequence[Segment]) -> str:
    """Where the picture's size changes stands another head and no discontinuity: times run on, and hls.js plays over it without a hole."""
    target = max((ceil(segment.duration_s) for segment in segments), default=1)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{target}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    head = -1
    for segment in segments:
        if segment.head != head:
            head = segment.head
            lines.append(f'#EXT-X-MAP:URI="{head_name(head)}"')
        lines += [f"#EXTINF:{segment.duration_s:.6f},", segment_name(segment.number)]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])
