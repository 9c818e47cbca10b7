"""Session descriptions from strangers: measured and read strictly before the library sees them. Pure.

The library parses with assertions and without limits, resolves `.local` names by multicast, and sends connectivity checks to
any address that is listed; none of that may be decided by whoever posts an offer.
"""

import ipaddress
import re
from dataclasses import dataclass, field

from realtime.rtc.errors import CodecUnsupported, SdpInvalid, SdpTooLarge
from realtime.rtc.names import Kind

MOST_BYTES = 32_768  # Chrome offers four lines in 14 KB
MOST_LINES = 1_000
MOST_LINE_BYTES = 1_024
MOST_MEDIA = 16
MOST_CANDIDATES = 24
MOST_FORMATS = 64
START_KBPS = 1_500
DIRECTIONS = frozenset(("sendrecv", "sendonly", "recvonly", "inactive"))
SETUPS = frozenset(("actpass", "active", "passive"))
DIGESTS = {"sha-256": 32, "sha-384": 48, "sha-512": 64}

MEDIA = re.compile(r"^m=(audio|video) \d{1,5} UDP/TLS/RTP/SAVPF((?: \d{1,3})+)$")
UFRAG = re.compile(r"^[A-Za-z0-9+/]{4,256}$")
PASSWORD = re.compile(r"^[A-Za-z0-9+/]{22,256}$")
MID = re.compile(r"^[A-Za-z0-9_.\-]{1,32}$")
CANDIDATE = re.compile(
    r"^a=candidate:[A-Za-z0-9+/]{1,32} 1 udp \d{1,10} ([0-9A-Fa-f:.]{2,45}) (\d{1,5}) typ (host|srflx|relay)( .{0,200})?$", re.IGNORECASE
)
RTPMAP = re.compile(r"^a=rtpmap:(\d{1,3}) ([A-Za-z0-9\-]{1,32})/(\d{1,6})(?:/\d{1,2})?$")
FINGERPRINT = re.compile(r"^a=fingerprint:(\S{1,16}) ((?:[0-9A-Fa-f]{2}:){19,63}[0-9A-Fa-f]{2})$")
# RFC 5737's documentation block: nobody answers there. ICE gives up at once when a description lists nobody at all, although
# the peer's own checks would reach us and tell its address (browsers that hide theirs behind `.local` names).
NOWHERE = "a=candidate:0 1 udp 1 192.0.2.1 9 typ host"


@dataclass
class Media:
    kind: Kind
    mid: str = ""
    direction: str = "sendrecv"
    codecs: dict[int, str] = field(default_factory=dict)
    parameters: dict[int, str] = field(default_factory=dict)
    setup: str = ""
    ufrag: str = ""
    password: str = ""
    fingerprints: int = 0
    has_candidate: bool = False

    @property
    def is_sending(self) -> bool:
        return self.direction in {"sendrecv", "sendonly"}


@dataclass(frozen=True)
class Description:
    """`text` is what the library may read: only plain UDP candidates are left in it."""

    text: str
    media: tuple[Media, ...]


def read(text: str, *, is_loopback_allowed: bool = False) -> Description:
    """Check an offer or an answer.

    Raises: SdpTooLarge, SdpInvalid, CodecUnsupported.
    """
    size = len(text.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        raise SdpTooLarge(bytes=size, most=MOST_BYTES)
    if not text.startswith("v=0") or not text.isascii() or "\0" in text:
        raise SdpInvalid(reason="not a session description")
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    if len(lines) > MOST_LINES or any(len(line) > MOST_LINE_BYTES for line in lines):
        raise SdpInvalid(reason="too many or too long lines")
    return _Reader(is_loopback_allowed).read(lines)


class _Reader:
    def __init__(self, is_loopback_allowed: bool) -> None:
        self._is_loopback_allowed = is_loopback_allowed
        self._session = Media("video")  # what stands before the first m-line holds for all
        self._media: list[Media] = []
        self._kept: list[str] = []
        self._candidates = 0

    def read(self, lines: list[str]) -> Description:
        for number, line in enumerate(lines):
            if any(not 32 <= ord(letter) < 127 for letter in line) or line[1:2] != "=":
                raise SdpInvalid(reason=f"line {number + 1} is no attribute")
            if line.startswith("m="):
                self._end_media()
                self._media.append(_media_of(line))
                self._kept.append(line)
            elif self._reads_attribute(line):
                self._kept.append(line)
        self._end_media()
        if not self._media:
            raise SdpInvalid(reason="no media")
        mids = [media.mid for media in self._media]
        if len(set(mids)) != len(mids):
            raise SdpInvalid(reason="mids are missing or repeated")
        if len(mids) > 1 and not any(set(mids) <= set(line.split()[1:]) for line in lines if line.startswith("a=group:BUNDLE ")):
            raise SdpInvalid(reason="all media must share one transport (BUNDLE)")
        return Description("\r\n".join(self._kept) + "\r\n", tuple(self._media))

    def _reads_attribute(self, line: str) -> bool:
        """Note what a line says; False leaves it out."""
        media = self._media[-1] if self._media else self._session
        name, _, value = line[2:].partition(":")
        if line.startswith("a=candidate:"):
            return self._is_candidate_kept(line, media)
        if line[0] == "c":
            return False
        if line[0] != "a":
            return True
        if name in DIRECTIONS and not value:
            media.direction = name
        elif name == "rtpmap":
            _note_codec(media, line)
        elif name == "fmtp":
            payload_type, _, parameters = value.partition(" ")
            if payload_type.isdigit():
                media.parameters[int(payload_type)] = parameters
        else:
            _note_transport(media, name, value, line)
        return name not in {"sctpmap", "sctp-port", "max-message-size", "rtcp"}

    def _is_candidate_kept(self, line: str, media: Media) -> bool:
        self._candidates += 1
        if self._candidates > MOST_CANDIDATES:
            raise SdpInvalid(reason=f"more than {MOST_CANDIDATES} candidates")
        found = CANDIDATE.match(line)
        if found is None or not 0 < int(found[2]) < 65_536:
            return False
        try:
            address = ipaddress.ip_address(found[1])
        except ValueError:
            return False
        if address.is_multicast or address.is_unspecified or (address.is_loopback and not self._is_loopback_allowed):
            return False
        media.has_candidate = True
        return True

    def _end_media(self) -> None:
        if not self._media:
            return
        media, session = self._media[-1], self._session
        if len(self._media) > MOST_MEDIA:
            raise SdpInvalid(reason=f"more than {MOST_MEDIA} media")
        if not media.has_candidate:
            self._kept.append(NOWHERE)
        self._kept += ["a=end-of-candidates"] if "a=end-of-candidates" not in self._kept[self._kept_since_media() :] else []
        _check_transport(media, session)
        _check_codec(media)

    def _kept_since_media(self) -> int:
        return max(place for place, line in enumerate(self._kept) if line.startswith("m="))


def _media_of(line: str) -> Media:
    found = MEDIA.match(line)
    if found is None:
        raise SdpInvalid(reason="only audio and video over UDP/TLS/RTP/SAVPF are carried")
    formats = [int(number) for number in found[2].split()]
    if len(formats) > MOST_FORMATS or any(number > 127 or 72 <= number < 77 for number in formats):
        raise SdpInvalid(reason="payload types are out of range")
    return Media("audio" if found[1] == "audio" else "video", codecs=dict.fromkeys(formats, ""))


def _note_codec(media: Media, line: str) -> None:
    found = RTPMAP.match(line)
    if found is None or int(found[1]) not in media.codecs:
        raise SdpInvalid(reason="an rtpmap does not fit its media")
    media.codecs[int(found[1])] = f"{found[2].lower()}/{found[3]}"


def _note_transport(media: Media, name: str, value: str, line: str) -> None:
    if name == "mid":
        if not MID.match(value):
            raise SdpInvalid(reason="a mid is malformed")
        media.mid = value
    elif name == "setup":
        if value not in SETUPS:
            raise SdpInvalid(reason="setup is malformed")
        media.setup = value
    elif name == "ice-ufrag":
        media.ufrag = value
    elif name == "ice-pwd":
        media.password = value
    elif name == "fingerprint":
        found = FINGERPRINT.match(line)
        if found is None or DIGESTS.get(found[1].lower()) != (len(found[2]) + 1) // 3:
            raise SdpInvalid(reason="a fingerprint is malformed")
        media.fingerprints += 1


def _check_transport(media: Media, session: Media) -> None:
    if not UFRAG.match(media.ufrag or session.ufrag) or not PASSWORD.match(media.password or session.password):
        raise SdpInvalid(reason="ICE credentials are missing or malformed")
    if not media.fingerprints + session.fingerprints:
        raise SdpInvalid(reason="there is no fingerprint")
    if not media.setup and not session.setup:
        raise SdpInvalid(reason="there is no setup")
    if not media.mid:
        raise SdpInvalid(reason="mids are missing or repeated")


def _check_codec(media: Media) -> None:
    if media.kind == "audio":
        is_carried = "opus/48000" in media.codecs.values()
    else:
        is_carried = any(
            codec == "h264/90000" and "packetization-mode=1" in media.parameters.get(number, "") for number, codec in media.codecs.items()
        )
    if not is_carried:
        raise CodecUnsupported(kind=media.kind)


def with_start_bitrate(answer: str, *, kbps: int) -> str:
    """Tell Chrome in a publisher's answer where to begin: it climbs from 300 kbit/s otherwise."""
    hint = f"x-google-start-bitrate={kbps}"
    for found in re.finditer(r"a=rtpmap:(\d+) H264/90000\r\n", answer):
        answer = answer.replace(f"a=fmtp:{found[1]} ", f"a=fmtp:{found[1]} {hint};")
    return answer


def announce(description: str, address: str) -> str:
    """Our description with `address` in the place of this machine's own in every candidate; ports stay."""
    return re.sub(r"(a=candidate:\S+ \d+ udp \d+) \S+ (\d+ typ host)", rf"\1 {address} \2", description)
