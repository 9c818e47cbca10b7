"""HLS playlists as text (RFC 8216). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dramas.transcode.cmaf import INIT_NAME, segment_name
from dramas.transcode.plan import Rung

MASTER_NAME = "master.m3u8"
MEDIA_NAME = "index.m3u8"


@dataclass(frozen=True)
class RenditionFacts:
    """What a player wants to know before it chooses. Bits a second, sound included."""

    rung: Rung
    codecs: str
    peak_bits: int
    average_bits: int


def media_playlist(frames: Sequence[int], rate: Fraction, *, is_growing: bool, key_uri: str = "", clear_segments: int = 0) -> str:
    """One rendition.

    Args:
        frames: of each segment, in order.
        is_growing: more segments will be appended (EVENT); otherwise the list is whole (VOD).
        key_uri: where the key of the segments from number `clear_segments` on is asked for; the initialisation vector is the
            segment's number, RFC 8216's default. Empty: nothing is encrypted.
    """
    target = max((round(count / rate) for count in frames), default=2)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(1, target)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'EVENT' if is_growing else 'VOD'}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{INIT_NAME}"',
    ]
    for number, count in enumerate(frames):
        if key_uri and number == clear_segments:
            lines.append(f'#EXT-X-KEY:METHOD=AES-128,URI="{key_uri}"')
        lines += [f"#EXTINF:{float(count / rate):.6f},", segment_name(number)]
    if not is_growing:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def master_playlist(renditions: Sequence[RenditionFacts], rate: Fraction) -> str:
    """All renditions of a version, the largest first."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for facts in renditions:
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={facts.peak_bits},AVERAGE-BANDWIDTH={facts.average_bits},"
            f"RESOLUTION={facts.rung.width}x{facts.rung.height},FRAME-RATE={float(rate):.3f},"
            f'CODECS="{facts.codecs}",CLOSED-CAPTIONS=NONE'
        )
        lines.append(f"{facts.rung.name}/{MEDIA_NAME}")
    return "\n".join(lines) + "\n"
