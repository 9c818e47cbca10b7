"""What a media engine does for the floors above, whoever carries the packets: our own node, or a server beside it.

Callers have verified a signed token before; an engine takes a role and holds to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from realtime.rtc.names import HOST_LINE, Role, RoomName
from realtime.rtc.stage import Event


@dataclass(frozen=True)
class Description:
    """An SDP for the peer. `kind` says who goes on: an "answer" ends the exchange, an "offer" wants `accept`."""

    peer_id: str
    kind: Literal["offer", "answer"]
    sdp: str


@dataclass(frozen=True)
class Capabilities:
    """In what engines differ. Everything else is the same with each, which `tests/realtime/rtc/test_conformance.py` asserts.

    `answers_viewers`: `subscribe` takes an offer; without it the engine always offers.
    `replays_keyframe`: who joins sees the pictures since the newest keyframe at once, instead of waiting for the next one.
    `measures_viewers`: stats have each viewer's loss and round trip; None stands in their place otherwise.
    """

    answers_viewers: bool
    replays_keyframe: bool
    measures_viewers: bool


class MediaEngine(Protocol):
    """Every method raises RtcError only. Peer ids are secrets: whoever knows one may change that peer."""

    capabilities: Capabilities
    on_event: Callable[[Event], None]

    @property
    def rooms(self) -> list[RoomName]: ...

    def drain(self) -> None:
        """Take no new rooms and peers from now on; who is here stays until `close`."""

    async def create_room(self, room: RoomName) -> None:
        """Safe to repeat. Raises: NodeDraining, NodeFull."""

    async def publish(self, room: RoomName, *, offer: str, role: Role, name: str = "", is_muted: bool = False) -> Description:
        """Let somebody send. The same role and name again replaces who had them (a reloaded page).

        `name` tells guests apart and names their line (`guest-<name>`); others have none. `is_muted`: as with `mute_line`.
        Raises: RoleForbidden, NameInvalid, RoomUnknown, RoomFull, NodeFull, NodeBusy, NodeDraining, SdpTooLarge,
        SdpInvalid, CodecUnsupported, NegotiationFailed.
        """

    async def subscribe(
        self, room: RoomName, *, offer: str | None = None, lines: Sequence[str] = (HOST_LINE,), peer_id: str = "", most_viewers: int = 0
    ) -> Description:
        """Let somebody watch: the n-th video and the n-th audio of the description carry the n-th of `lines`.

        With an offer the answer is the end of it; without one the engine offers, and `accept` takes the peer's answer.
        A `peer_id` of a former call negotiates that connection again: a guest came or went.
        `most_viewers`: no more than so many watch the room, this one included; 0 for as many as there is a place for.
        Raises: OfferUnwanted (see `Capabilities`), SendingForbidden, LineUnknown, PeerUnknown, ViewersFull, and what `publish` raises.
        """

    async def accept(self, room: RoomName, *, peer_id: str, answer: str) -> None:
        """Raises: PeerUnknown, SdpTooLarge, SdpInvalid, CodecUnsupported, NegotiationFailed."""

    async def switch_source(self, room: RoomName, peer_id: str | None) -> None:
        """Put this publisher on the host's line while it lives; None returns to primary before backup.

        Raises: RoomUnknown, LineUnknown.
        """

    async def kick(self, room: RoomName, peer_id: str) -> None:
        """Raises: PeerUnknown."""

    async def mute_line(self, room: RoomName, line: str, *, is_muted: bool) -> None:
        """Let no packet of a guest's sound through, or let them through again. Safe to repeat, also before the guest sends.

        Raises: RoomUnknown, LineUnknown for the host's line, RoomFull.
        """

    async def close_line(self, room: RoomName, line: str) -> None:
        """Send away whoever sends on a guest's line. Safe to repeat. Raises: RoomUnknown, LineUnknown for the host's line."""

    async def stats(self, room: RoomName | None = None) -> dict[str, Any]:
        """Numbers of the node (with "peers", "is_full" and "is_draining"), or of a room with all its peers. Raises: RoomUnknown."""

    async def close_room(self, room: RoomName) -> None:
        """Every peer of it is closed. Safe to repeat."""

    async def close(self) -> None:
        """Every connection is closed, and nothing is left running."""


@runtime_checkable
class Drilling(Protocol):
    """An engine that can act as if a publisher's packets were lost on the way."""

    async def drop(self, room: RoomName, *, roles: Sequence[Role], for_s: float) -> None:
        """Raises: RoomUnknown, LineUnknown when nobody has such a role."""
