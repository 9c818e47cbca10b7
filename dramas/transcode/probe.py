"""What a file really is. Nothing here trusts its name, its extension or what its header claims.

The container is recognised by its first bytes and its demuxer is forced, so that a playlist renamed `.mp4` cannot make the
demuxer open other files or addresses. Then one frame is decoded, because a header can promise a picture that is not there, and every
packet is read, because a file cut short by a broken transfer keeps the header of the whole.

Kept free of Django: `confined_probe` runs this module in a process with hard limits.
"""

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from dramas.transcode.limits import MEBIBYTE, SourceLimits
from dramas.transcode.refusal import Refusal

VIDEO_CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "mpeg2video", "prores", "dnxhd", "mjpeg"})
AUDIO_CODECS = frozenset({"aac", "mp3", "mp3float", "opus", "vorbis", "flac", "alac", "ac3", "eac3"})
PCM_CODECS = frozenset({"pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le", "pcm_u8", "pcm_alaw", "pcm_mulaw"})
HDR_TRANSFERS = frozenset({16, 18})  # SMPTE ST 2084 (PQ) and ARIB STD-B67 (HLG), numbers of ITU-T H.273
OPEN_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Probe:
    """A source as measured.

    `width` and `height` are as displayed: square pixels, after rotation. `duration_ms` is that of the picture.
    `frame_rate` is a text like "30000/1001". `start_ms` is where the file's own clock begins.
    """

    container: str  # the demuxer to force: "mov" or "matroska"
    size_bytes: int
    sha256: str
    duration_ms: int
    width: int
    height: int
    rotation: int
    frame_rate: str
    frames: int
    has_variable_rate: bool
    is_hdr: bool
    is_interlaced: bool
    pixel_format: str
    video_codec: str
    audio_codec: str
    audio_channels: int
    warnings: list[str] = field(default_factory=list)

    @property
    def has_audio(self) -> bool:
        return bool(self.audio_codec)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def probe_file(path: Path, limits: SourceLimits | None = None) -> Probe:
    """Measure the file, or say why it is not taken.

    Raises: Refusal.
    """
    limits = limits or SourceLimits()
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise Refusal("empty")
    if size_bytes > limits.max_bytes:
        raise Refusal("too_large", limit_mb=limits.max_bytes // MEBIBYTE)
    container = sniff_container(path)
    try:
        with _open(path, container) as opened:
            return _measure(opened, container, path, limits)
    except av.error.FFmpegError as error:
        raise Refusal("truncated" if container == "mov" and not _has_moov(path) else "unreadable") from error


def sniff_container(path: Path) -> str:
    """The demuxer for the file's first bytes: ISO media (MP4, MOV) or EBML (MKV, WebM).

    Raises: Refusal("not_video_file").
    """
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}:
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    raise Refusal("not_video_file")


def _has_moov(path: Path) -> bool:
    """Walk the top-level boxes: a recording that was cut off never got its `moov`."""
    size = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        for _ in range(10_000):
            file.seek(at)
            head = file.read(16)
            if len(head) < 8:
                return False
            length = int.from_bytes(head[:4], "big")
            if head[4:8] == b"moov":
                return at + length <= size
            if length == 1 and len(head) == 16:
                length = int.from_bytes(head[8:16], "big")
            if length < 8:
                return False
            at += length
    return False


def _open(path: Path, container: str) -> InputContainer:
    return av.open(
        str(path),
        format=container,
        container_options=demuxer_options(container),
        timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S),
        metadata_errors="replace",
    )


def demuxer_options(container: str) -> dict[str, str]:
    """What the demuxer may touch: this one file, by these decoders; no external track of a MOV ("dref")."""
    options = {"protocol_whitelist": "file", "codec_whitelist": ",".join(sorted(VIDEO_CODECS | AUDIO_CODECS | PCM_CODECS))}
    return {**options, "enable_drefs": "0", "use_absolute_path": "0"} if container == "mov" else options


def _measure(opened: InputContainer, container: str, path: Path, limits: SourceLimits) -> Probe:
    video = _picture_stream(opened)
    _check_size(video.width, video.height, limits)
    if video.codec_context.name not in VIDEO_CODECS:
        raise Refusal("unsupported_codec", codec=video.codec_context.name)
    frame = _first_frame(opened, video)
    width, height = displayed_size(frame.width, frame.height, video.sample_aspect_ratio, frame.rotation)
    _check_size(width, height, limits)
    walk = _walk_packets(path, container, video.index)
    _check_whole(walk, _claimed_picture_ms(video), (opened.duration or 0) // 1000)
    _check_duration(walk.duration_ms, limits)
    rate = nominal_rate(walk, video.average_rate)
    if rate > limits.max_frames_per_second:
        raise Refusal("too_fast", limit_fps=limits.max_frames_per_second)
    audio = opened.streams.audio[0] if opened.streams.audio else None
    audio_codec = audio.codec_context.name if audio is not None else ""
    is_audio_known = audio_codec in AUDIO_CODECS or audio_codec.startswith("pcm_")
    return Probe(
        container=container,
        size_bytes=path.stat().st_size,
        sha256=_digest(path),
        duration_ms=walk.duration_ms,
        width=width,
        height=height,
        rotation=frame.rotation % 360,
        frame_rate=str(rate),
        frames=walk.frames,
        has_variable_rate=walk.has_variable_rate,
        is_hdr=int(frame.color_trc) in HDR_TRANSFERS,
        is_interlaced=bool(frame.interlaced_frame),
        pixel_format=video.codec_context.pix_fmt or frame.format.name,
        video_codec=video.codec_context.name,
        audio_codec=audio_codec if is_audio_known else "",
        audio_channels=audio.codec_context.channels if audio is not None and is_audio_known else 0,
        warnings=_warnings(walk, audio_codec, is_audio_known),
    )


def _warnings(walk: "PacketWalk", audio_codec: str, is_audio_known: bool) -> list[str]:
    found = []
    if walk.corrupt:
        found.append("damaged_packets")
    if not audio_codec:
        found.append("silent")
    elif not is_audio_known:
        found.append("sound_not_understood")
    return found


def _picture_stream(opened: InputContainer) -> VideoStream:
    """The first video stream that is no cover art.

    Raises: Refusal("no_video") for sound alone, Refusal("no_picture") when the only picture is a cover.
    """
    moving = [stream for stream in opened.streams.video if not stream.disposition & Disposition.attached_pic]
    if moving:
        return moving[0]
    raise Refusal("no_picture" if opened.streams.video else "no_video")


def _first_frame(opened: InputContainer, video: VideoStream) -> VideoFrame:
    """One decoded frame, tolerating a damaged start.

    Raises: Refusal("no_picture").
    """
    video.thread_type = "SLICE"
    for number, packet in enumerate(opened.demux(video)):
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            frames = []
        if frames:
            return frames[0]
        if number > 600:
            break
    raise Refusal("no_picture")


def displayed_size(width: int, height: int, pixel_aspect: Fraction | None, rotation: int) -> tuple[int, int]:
    """Size in square pixels after rotation.

    A pixel aspect outside 1:4..4:1 is taken for a mistake of the file; one within 1 % of square is an editor's rounding.
    """
    aspect = pixel_aspect or Fraction(1)
    if Fraction(1, 4) <= aspect <= 4 and abs(aspect - 1) > Fraction(1, 100):
        width = round(width * aspect)
    return (height, width) if rotation % 180 else (width, height)


def _check_size(width: int, height: int, limits: SourceLimits) -> None:
    if width < 16 or height < 16:
        raise Refusal("no_picture")
    if width * height > limits.max_pixels:
        raise Refusal("too_many_pixels", width=width, height=height, limit_megapixels=round(limits.max_pixels / 1e6, 1))


def _check_whole(walk: "PacketWalk", claimed_picture_ms: int, claimed_file_ms: int) -> None:
    """A file whose packets end well before its header says was cut short. A header that says nothing cannot be held to it."""
    found_ms, claimed_ms = (walk.duration_ms, claimed_picture_ms) if claimed_picture_ms else (walk.file_ms, claimed_file_ms)
    if claimed_ms - found_ms > max(500, claimed_ms * 0.03):
        raise Refusal("truncated", found_s=round(found_ms / 1000, 1), claimed_s=round(claimed_ms / 1000, 1))


def _check_duration(duration_ms: int, limits: SourceLimits) -> None:
    if duration_ms > limits.max_duration_ms:
        raise Refusal("too_long", duration_s=round(duration_ms / 1000), limit_s=limits.max_duration_ms // 1000)
    if duration_ms < limits.min_duration_ms:
        raise Refusal("too_short", limit_s=limits.min_duration_ms / 1000)


def _claimed_picture_ms(video: VideoStream) -> int:
    """What the header says of the picture alone; 0 where the container keeps no length per stream."""
    if video.duration and video.time_base:
        return round(video.duration * video.time_base * 1000)
    return _clock_ms(video.metadata.get("DURATION", ""))


def _clock_ms(text: str) -> int:
    """ "00:00:12.480000000" in milliseconds, 0 when it is no such thing."""
    try:
        hours, minutes, seconds = text.split(":")
        return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)
    except ValueError:
        return 0


@dataclass(frozen=True)
class PacketWalk:
    """What reading every packet showed. `duration_ms` is the picture's, `file_ms` that of whatever ends last; `usual_step` in seconds."""

    frames: int
    duration_ms: int
    file_ms: int
    corrupt: int
    usual_step: Fraction
    has_variable_rate: bool


def _walk_packets(path: Path, container: str, index: int) -> PacketWalk:
    """Read the file to its end without decoding. A read error ends the walk: the time reached by then tells whether it matters."""
    stamps: list[int] = []
    last_duration = corrupt = 0
    file_end = Fraction(0)
    with _open(path, container) as opened:
        picture = opened.streams[index]
        base = picture.time_base or Fraction(1, 1000)
        start = Fraction(opened.start_time or 0, 1_000_000)
        try:
            for packet in opened.demux([picture, *opened.streams.audio[:1]]):
                corrupt += packet.is_corrupt
                stamp = packet.pts if packet.pts is not None else packet.dts
                if stamp is None or not packet.size or packet.is_corrupt:
                    continue
                file_end = max(file_end, (stamp + (packet.duration or 0)) * packet.time_base)
                if packet.stream_index == index:
                    stamps.append(stamp)
                    last_duration = packet.duration or last_duration
        except av.error.FFmpegError:
            corrupt += 1
    if not stamps:
        raise Refusal("no_picture")
    return _summarise(sorted(stamps), last_duration, base, corrupt, round((file_end - start) * 1000))


def _summarise(stamps: list[int], last_duration: int, base: Fraction, corrupt: int, file_ms: int) -> PacketWalk:
    steps = Counter(later - earlier for earlier, later in pairwise(stamps) if later > earlier)
    usual = steps.most_common(1)[0][0] if steps else last_duration or 1
    tolerance = max(2, usual // 20)  # containers round their stamps: to 1 ms in Matroska
    odd = sum(count for step, count in steps.items() if abs(step - usual) > tolerance)
    length = stamps[-1] - stamps[0] + (last_duration or usual)
    return PacketWalk(
        frames=len(stamps),
        duration_ms=round(length * base * 1000),
        file_ms=file_ms,
        corrupt=corrupt,
        usual_step=usual * base,
        has_variable_rate=odd > max(2, len(stamps) * 0.02),
    )


COMMON_RATES = tuple(Fraction(*pair) for pair in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (48, 1), (50, 1), (60000, 1001), (60, 1)))


def nominal_rate(walk: PacketWalk, average: Fraction | None) -> Fraction:
    """Frames per second, snapped to a common rate.

    The average decides when it is within one permille of one (Matroska's milliseconds blur 30000/1001); else, in an even source, the
    usual step does (an average is off after a splice or a lost frame).
    """
    step_rate = 1 / walk.usual_step
    rate = average or step_rate
    nearest = min(COMMON_RATES, key=lambda common: abs(common - rate))
    if abs(nearest - rate) < nearest / 1000:
        return nearest
    usual = min(COMMON_RATES, key=lambda common: abs(common - step_rate))
    if not walk.has_variable_rate and abs(usual - step_rate) < usual / 100:
        return usual
    return rate.limit_denominator(1001)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
