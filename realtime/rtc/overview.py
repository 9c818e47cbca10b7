"""What a room's media look like from outside, in numbers: written to Valkey by its node with every beat, read by anybody.

The key goes by itself when the node dies, so that a room without a report is a room without lines.
"""

from typing import Any

import msgspec

from realtime.rtc.names import HOST_LINE, RoomName

LIFETIME_MS = 2_000
# What is counted is told as the change over at least this long.
MEASURED_OVER_S = 0.9


class Media(msgspec.Struct, frozen=True):
    """Of a publisher's sound or picture. Rates are those of the last second."""

    kind: str
    codec: str
    bitrate_kbps: int
    frames_per_s: float
    lost_permille: int
    jitter_ms: float


class Publisher(msgspec.Struct, frozen=True):
    """`heard_ms`: since its last packet, None before the first. `steady_ms`: how long it has been heard without a pause.

    `troubles`: what an inspection finds wrong with it (`black`, `frozen`, `silent`), and for how many milliseconds. `width` and
    `height` are those of the newest keyframe; 0 before one was seen.
    """

    line: str
    role: str
    name: str
    is_on_air: bool
    is_connected: bool
    heard_ms: int | None
    steady_ms: int
    round_trip_ms: float | None
    media: tuple[Media, ...]
    width: int = 0
    height: int = 0
    troubles: dict[str, int] = {}
    is_muted: bool = False


class Overview(msgspec.Struct, frozen=True):
    """`is_heard`: what the host's line shows sends packets. `viewers` are the connected ones who watch by WebRTC.

    `worst_loss_permille` and `round_trip_ms` (the median) are what they report themselves. `recording`: empty while nothing is to be
    recorded, "on", or the code of what went wrong.

    `silent_ms`: since the last packet of what the host's line shows; None while it is heard, and when nobody is there. `gaps`
    counts the stops that viewers of the line saw, `last_gap_ms` is the last one's length.
    """

    node: str
    is_heard: bool
    publishers: tuple[Publisher, ...]
    viewers: int
    worst_loss_permille: int
    round_trip_ms: float | None
    silent_ms: int | None = None
    gaps: int = 0
    last_gap_ms: int = 0
    recording: str = ""

    @property
    def steady_ms(self) -> int:
        """For how long the steadiest source of the host's line has been heard without a pause; 0 when none is heard."""
        return max((found.steady_ms for found in self.publishers if found.line == HOST_LINE and self.is_heard), default=0)


encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Overview).decode


def overview_key(room: RoomName) -> str:
    return f"{room.key}:overview"


def read_overview(data: bytes | None) -> Overview | None:
    """None for no report, or one of another release."""
    try:
        return None if data is None else _decode(data)
    except msgspec.DecodeError:
        return None


class _Counts(msgspec.Struct):
    """A publisher's counters at `at`, and what was made of them."""

    at: float
    kinds: dict[str, dict[str, Any]]
    media: tuple[Media, ...]


class Meter:
    """Makes rates of one room's counters. Times are monotonic seconds, given by the caller."""

    def __init__(self) -> None:
        self._counts: dict[str, _Counts] = {}

    def read(self, stats: dict[str, Any], *, node: str, now: float, recording: str = "") -> Overview:
        """`stats` as `MediaEngine.stats` gives them for a room."""
        peers: dict[str, dict[str, Any]] = stats["peers"]
        on_air = {line["on_air"] for line in stats["lines"].values()}
        muted = {name for name, line in stats["lines"].items() if line["is_muted"]}
        publishers = {peer_id: peer for peer_id, peer in peers.items() if "role" in peer}
        self._counts = {peer_id: self._measure(peer_id, peer, now) for peer_id, peer in publishers.items()}
        legs = [leg for peer in peers.values() if "role" not in peer and peer["state"] == "connected" for leg in peer["legs"]]
        trips = sorted(leg["round_trip_ms"] for leg in legs if leg["round_trip_ms"])
        host = stats["lines"].get(HOST_LINE)
        shown = peers.get(host["on_air"]) if host is not None else None
        is_heard = host is not None and bool(host["on_air"]) and not host["is_silent"]
        return Overview(
            node=node,
            is_heard=is_heard,
            publishers=tuple(self._publisher(peer_id, peer, peer_id in on_air, peer["line"] in muted) for peer_id, peer in publishers.items()),
            viewers=sum("role" not in peer and peer["state"] == "connected" for peer in peers.values()),
            worst_loss_permille=round(max((leg["loss"] or 0.0 for leg in legs), default=0.0) * 1000),
            round_trip_ms=trips[len(trips) // 2] if trips else None,
            silent_ms=shown["heard_ms"] if shown is not None and not is_heard else None,
            gaps=host.get("gaps", 0) if host is not None else 0,
            last_gap_ms=host.get("last_gap_ms", 0) if host is not None else 0,
            recording=recording,
        )

    def _publisher(self, peer_id: str, peer: dict[str, Any], is_on_air: bool, is_muted: bool) -> Publisher:
        return Publisher(
            line=peer["line"],
            role=peer["role"],
            name=peer["name"],
            is_on_air=is_on_air,
            is_connected=peer["state"] == "connected",
            heard_ms=peer["heard_ms"],
            steady_ms=peer["steady_ms"],
            round_trip_ms=peer["round_trip_ms"],
            media=self._counts[peer_id].media,
            width=peer.get("width", 0),
            height=peer.get("height", 0),
            troubles=peer.get("troubles", {}),
            is_muted=is_muted,
        )

    def _measure(self, peer_id: str, peer: dict[str, Any], now: float) -> _Counts:
        held = self._counts.get(peer_id)
        if held is not None and now - held.at < MEASURED_OVER_S:
            return held
        before, took_s = (held.kinds, now - held.at) if held is not None else ({}, 0.0)
        media = tuple(_rates(kind, counts, before.get(kind), took_s) for kind, counts in peer["kinds"].items())
        return _Counts(now, peer["kinds"], media)


def _rates(kind: str, counts: dict[str, Any], before: dict[str, Any] | None, took_s: float) -> Media:
    """All zero at the first look: nothing can be said of one moment."""
    since = {name: counts[name] - before[name] if before else 0 for name in ("bytes", "frames", "packets", "lost")}
    sent = since["packets"] + max(0, since["lost"])
    return Media(
        kind=kind,
        codec=counts["codec"],
        bitrate_kbps=round(since["bytes"] * 8 / took_s / 1000) if took_s else 0,
        frames_per_s=round(since["frames"] / took_s, 1) if took_s else 0.0,
        lost_permille=round(max(0, since["lost"]) * 1000 / sent) if sent else 0,
        jitter_ms=counts["jitter_ms"],
    )
