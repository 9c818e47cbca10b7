"""What H264 units say about themselves (ITU-T H.264, 7.3): parameter sets, the picture's size, which set a slice uses. Pure."""

from dataclasses import dataclass
from functools import lru_cache

SLICE, IDR, SPS, PPS, DELIMITER = 1, 5, 7, 8, 9
TYPE = 0x1F
# Profiles whose SPS tells about chroma and scaling.
HIGH = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135))
MOST_SIDE_PX = 8192


class BitstreamInvalid(ValueError):
    """A unit does not read as its type says."""


@dataclass(frozen=True)
class Parameters:
    """One SPS and the PPSs that refer to it, as they came: what a decoder needs before a keyframe."""

    sps: bytes
    pps: tuple[bytes, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, cropped. Raises: BitstreamInvalid."""
        return read_size(self.sps)

    @property
    def codec(self) -> str:
        """As playlists and browsers write it (RFC 6381)."""
        return f"avc1.{self.sps[1:4].hex()}"


class Bits:
    """Reads a unit's payload bit by bit. Raises: BitstreamInvalid beyond its end."""

    def __init__(self, unit: bytes) -> None:
        data = unit[1:].replace(b"\x00\x00\x03", b"\x00\x00")  # bytes that only keep start codes from appearing
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        if count > self._left:
            raise BitstreamInvalid("a unit ends too early")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def unsigned(self) -> int:
        """Exp-Golomb."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 31:
                raise BitstreamInvalid("a number is too long")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        value = self.unsigned()
        return (value + 1) // 2 if value & 1 else -(value // 2)


def type_of(unit: bytes) -> int:
    return unit[0] & TYPE


def sps_id(sps: bytes) -> int:
    bits = Bits(sps)
    bits.take(24)
    return bits.unsigned()


def pps_ids(pps: bytes) -> tuple[int, int]:
    """Its own id and its SPS's."""
    bits = Bits(pps)
    return bits.unsigned(), bits.unsigned()


def read_slice(unit: bytes) -> tuple[int, int]:
    """Its first macroblock, and the id of its PPS."""
    bits = Bits(unit[:24])
    first = bits.unsigned()
    bits.unsigned()  # type
    return first, bits.unsigned()


@lru_cache(64)
def read_size(sps: bytes) -> tuple[int, int]:
    """Width and height in pixels, cropped. Raises: BitstreamInvalid."""
    bits = Bits(sps)
    profile = bits.take(8)
    bits.take(16)
    bits.unsigned()
    chroma = _skip_chroma(bits) if profile in HIGH else 1
    bits.unsigned()
    _skip_order(bits)
    bits.unsigned()
    bits.take(1)
    width, rows = (bits.unsigned() + 1) * 16, bits.unsigned() + 1
    is_frame_only = bits.take(1)
    height = rows * 16 * (2 - is_frame_only)
    if not is_frame_only:
        bits.take(1)
    bits.take(1)
    if bits.take(1):
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        width -= (left + right) * (2 if chroma in {1, 2} else 1)
        height -= (top + bottom) * (2 if chroma == 1 else 1) * (2 - is_frame_only)
    if not (0 < width <= MOST_SIDE_PX and 0 < height <= MOST_SIDE_PX):
        raise BitstreamInvalid(f"a picture of {width}x{height}")
    return width, height


def _skip_chroma(bits: Bits) -> int:
    chroma = bits.unsigned()
    if chroma == 3:
        bits.take(1)
    bits.unsigned()
    bits.unsigned()
    bits.take(1)
    if bits.take(1):
        for number in range(8 if chroma != 3 else 12):
            if bits.take(1):
                _skip_scaling(bits, 16 if number < 6 else 64)
    return chroma


def _skip_scaling(bits: Bits, count: int) -> None:
    last = following = 8
    for _ in range(count):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _skip_order(bits: Bits) -> None:
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        count = bits.unsigned()
        if count > 255:
            raise BitstreamInvalid("too many reference frames")
        for _ in range(count):
            bits.signed()
