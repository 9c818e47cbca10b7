"""Fragmented MP4 (ISO/IEC 14496-12, -14, -15): the head of a film of H264 and AAC, and its fragments. Pure.

Our own writer: FFmpeg's decides itself when a fragment ends and cannot change the head in mid-stream.
"""

from collections.abc import Iterator, Sequence
from mmap import mmap
from struct import Struct, pack, unpack_from
from typing import NamedTuple

from realtime.rtc.hls.h264 import HIGH, Parameters

VIDEO, AUDIO = 1, 2
VIDEO_HZ, AUDIO_HZ = 90_000, 48_000
AAC_SAMPLES = 1024
# Depends on nobody, or on others and is no place to begin.
KEYFRAME, DELTA = 0x0200_0000, 0x0101_0000
UNITY = pack("!9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000)

pack_sample = Struct("!III").pack
pack_size = Struct("!I").pack


class Sample(NamedTuple):
    """`duration` in ticks of the track: 1/90,000 s for pictures, 1/48,000 s for sound."""

    data: bytes
    duration: int
    is_keyframe: bool = True


class Run(NamedTuple):
    """Samples of a track without gaps, from `start` ticks on."""

    start: int
    samples: Sequence[Sample]

    @property
    def duration(self) -> int:
        return sum(sample.duration for sample in self.samples)


def box(kind: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return pack("!I4s", len(body) + 8, kind.encode()) + body


def full_box(kind: str, version: int, flags: int, *parts: bytes) -> bytes:
    return box(kind, pack("!I", version << 24 | flags), *parts)


def head(parameters: Parameters, *, audio_config: bytes) -> bytes:
    """ftyp and moov. `audio_config` is AAC's AudioSpecificConfig.

    Raises: BitstreamInvalid.
    """
    width, height = parameters.size
    picture = _track(VIDEO, VIDEO_HZ, "vide", full_box("vmhd", 0, 1, bytes(8)), _avc1(parameters), width=width, height=height)
    sound = _track(AUDIO, AUDIO_HZ, "soun", full_box("smhd", 0, 0, bytes(4)), _mp4a(audio_config), volume=0x100)
    film = full_box("mvhd", 0, 0, pack("!IIIIIH", 0, 0, 1000, 0, 0x10000, 0x100), bytes(10), UNITY, bytes(24), pack("!I", AUDIO + 1))
    fragmented = box("mvex", *(full_box("trex", 0, 0, pack("!5I", track, 1, 0, 0, 0)) for track in (VIDEO, AUDIO)))
    return box("ftyp", b"iso6", pack("!I", 0), b"iso6cmfcmp41") + box("moov", film, picture, sound, fragmented)


def fragment(number: int, *, video: Run, audio: Run) -> bytes:
    """moof and mdat: pictures, then sound. A run without samples is left out."""
    header = _moof(number, video, audio, 0)
    data = [sample.data for run in (video, audio) for sample in run.samples]
    return _moof(number, video, audio, len(header) + 8) + box("mdat", *data)


def boxes(data: bytes | mmap, start: int = 0, end: int | None = None) -> Iterator[tuple[str, int, int]]:
    """(kind, first byte of its content, end) of the whole boxes between two places; stops before a torn one."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = unpack_from("!I4s", data, start)
        if size < 8 or start + size > end:
            return
        yield kind.decode("latin-1"), start + 8, start + size
        start += size


def video_span(moof: bytes) -> tuple[int, int, int]:
    """(start, duration, pictures) in ticks, of a moof's content as `fragment` writes it; zeros without pictures."""
    for kind, first, end in boxes(moof):
        if kind != "traf":
            continue
        inside = {name: at for name, at, _ in boxes(moof, first, end)}
        if unpack_from("!I", moof, inside["tfhd"] + 4)[0] != VIDEO:
            continue
        start, count = unpack_from("!Q", moof, inside["tfdt"] + 4)[0], unpack_from("!I", moof, inside["trun"] + 4)[0]
        first_sample = inside["trun"] + 12
        return start, sum(unpack_from("!I", moof, first_sample + 12 * place)[0] for place in range(count)), count
    return 0, 0, 0


def _moof(number: int, video: Run, audio: Run, offset: int) -> bytes:
    parts = [full_box("mfhd", 0, 0, pack("!I", number))]
    if video.samples:
        run = b"".join(pack_sample(sample.duration, len(sample.data), KEYFRAME if sample.is_keyframe else DELTA) for sample in video.samples)
        parts.append(_traf(VIDEO, 0x02_0000, b"", video, 0x701, offset, run))
        offset += sum(len(sample.data) for sample in video.samples)
    if audio.samples:
        sizes = b"".join(pack_size(len(sample.data)) for sample in audio.samples)
        defaults = pack("!II", AAC_SAMPLES, KEYFRAME)
        parts.append(_traf(AUDIO, 0x02_0028, defaults, audio, 0x201, offset, sizes))
    return box("moof", *parts)


def _traf(track: int, flags: int, defaults: bytes, run: Run, run_flags: int, offset: int, table: bytes) -> bytes:
    return box(
        "traf",
        full_box("tfhd", 0, flags, pack("!I", track), defaults),
        full_box("tfdt", 1, 0, pack("!Q", run.start)),
        full_box("trun", 0, run_flags, pack("!II", len(run.samples), offset), table),
    )


def _track(track: int, hz: int, handler: str, media_header: bytes, entry: bytes, *, width: int = 0, height: int = 0, volume: int = 0) -> bytes:
    table = box(
        "stbl",
        full_box("stsd", 0, 0, pack("!I", 1), entry),
        full_box("stts", 0, 0, bytes(4)),
        full_box("stsc", 0, 0, bytes(4)),
        full_box("stsz", 0, 0, bytes(8)),
        full_box("stco", 0, 0, bytes(4)),
    )
    here = box("dinf", full_box("dref", 0, 0, pack("!I", 1), full_box("url ", 0, 1)))
    shown = pack("!5I8x4H", 0, 0, track, 0, 0, 0, 0, volume, 0)
    return box(
        "trak",
        full_box("tkhd", 0, 3, shown, UNITY, pack("!II", width << 16, height << 16)),
        box(
            "mdia",
            full_box("mdhd", 0, 0, pack("!4I2H", 0, 0, hz, 0, 0x55C4, 0)),  # language "und"
            full_box("hdlr", 0, 0, bytes(4), handler.encode(), bytes(12), b"\0"),
            box("minf", media_header, here, table),
        ),
    )


def _avc1(parameters: Parameters) -> bytes:
    sps, (width, height) = parameters.sps, parameters.size
    sets = pack("!BH", 0xE1, len(sps)) + sps + bytes([len(parameters.pps)]) + b"".join(pack("!H", len(pps)) + pps for pps in parameters.pps)
    extra = b"\xfd\xf8\xf8\x00" if sps[1] in HIGH else b""  # 4:2:0 in 8 bits, which is all that browsers send
    config = box("avcC", bytes([1, sps[1], sps[2], sps[3], 0xFF]), sets, extra)
    return box("avc1", pack("!6xH16x2H", 1, width, height), pack("!IIIH32xHh", 0x48_0000, 0x48_0000, 0, 1, 24, -1), config)


def _mp4a(config: bytes) -> bytes:
    decoder = _descriptor(4, b"\x40\x15" + bytes(11) + _descriptor(5, config))
    elementary = _descriptor(3, b"\0\0\0" + decoder + _descriptor(6, b"\x02"))
    return box("mp4a", pack("!6xH8x4HI", 1, 2, 16, 0, 0, AUDIO_HZ << 16), full_box("esds", 0, 0, elementary))


def _descriptor(tag: int, body: bytes) -> bytes:
    return bytes([tag, 0x80, 0x80, 0x80, len(body)]) + body
