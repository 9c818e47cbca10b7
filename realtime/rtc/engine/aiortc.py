"""The engine of our own: aiortc connects, encrypts and keeps ICE; packets pass from publishers to viewers undecoded."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from aiortc import InvalidAccessError, InvalidStateError, RTCRtpTransceiver, RTCSessionDescription
from aiortc.exceptions import InternalError, OperationError

from realtime.rtc import sdp
from realtime.rtc.engine import Capabilities, staged
from realtime.rtc.errors import NegotiationFailed, RtcError
from realtime.rtc.leg import Leg
from realtime.rtc.names import KINDS, Kind, RoomName
from realtime.rtc.node import Node
from realtime.rtc.peer import MediaConnection, offer_only
from realtime.rtc.stage import Source

log = structlog.get_logger(__name__)

NEGOTIATION_S = 5.0
# A publisher at 3 Mbit/s sends 320 packets a second; who is so far ahead of us floods.
MOST_BACKLOG = 4096
CLOSE_S = 3.0
# What the library lets out about descriptions that it cannot use.
LIBRARY_ERRORS = (
    ValueError,
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    StopIteration,
    RuntimeError,
    OSError,
    InvalidAccessError,
    InvalidStateError,
    InternalError,
    OperationError,
)


@dataclass(eq=False, kw_only=True)
class Peer(staged.Peer):
    connection: MediaConnection

    @property
    def state(self) -> str:
        return self.connection.connectionState


class AiortcEngine(staged.StagedEngine[Peer]):
    """Implements `MediaEngine`. Needs: `start` on the loop that carries the packets."""

    capabilities = Capabilities(answers_viewers=True, replays_keyframe=True, measures_viewers=True)

    def __init__(self, node: Node, *, host_addresses: tuple[str, ...] = (), announced_address: str = "") -> None:
        """`host_addresses`: those of this machine to offer, all without it. `announced_address`: the public one of a machine
        behind a one-to-one translation, told to peers in their place."""
        super().__init__(node)
        self._announced_address = announced_address
        self.is_loopback_allowed = any(address in {"127.0.0.1", "::1"} for address in host_addresses)
        if host_addresses:
            offer_only(host_addresses)

    async def stats(self, room: RoomName | None = None) -> dict[str, Any]:
        """Shape for a room: {"lines": {name: {"on_air": peer id, "is_silent", "is_muted", "viewers", "gaps", "last_gap_ms"}}, "peers": {id: {…}}}."""
        if room is None:
            return self.node.describe()
        stage = self.node.stage(room)
        lines = {
            line.name: {
                "on_air": line.active.peer_id if line.active is not None else "",
                "is_silent": line.is_silent,
                "is_muted": line.is_muted,
                "viewers": max(len(track.outlets) for track in line.tracks.values()),
                "gaps": line.gaps,
                "last_gap_ms": round(line.last_gap_s * 1000),
            }
            for line in stage.lines.values()
        }
        peers = {peer.peer_id: _describe(peer) for peer in self._inside(room)}
        return {"lines": lines, "peers": peers}

    async def close(self) -> None:
        await asyncio.gather(*(self._leave(peer) for peer in list(self._peers.values())))
        await self.node.close()
        await self._end_tasks()

    # Steps -----------------------------------------------------------------------------------------

    async def _connect(self, room: RoomName) -> Peer:
        peer = Peer(room=room, connection=MediaConnection())
        peer.connection.on_end(lambda: self._later(self._leave(peer)))
        return peer

    async def _receive(self, peer: Peer, source: Source, read: sdp.Description) -> str:
        connection, hear = peer.connection, self.node.hear(peer.room)
        async with _library(NEGOTIATION_S):
            for media in read.media:
                receiver: Any = connection.add_line(media.kind, direction="recvonly").receiver
                receiver.source, receiver.hear = source, hear
            await connection.setRemoteDescription(RTCSessionDescription(read.text, "offer"))
            await connection.setLocalDescription(await connection.createAnswer())
        return self._describe_to(peer)

    async def _show(self, peer: Peer, read: sdp.Description | None, *, before: tuple[str, ...]) -> str:
        await (self._offer_lines(peer) if read is None else self._answer_viewer(peer, read))
        return self._describe_to(peer)

    async def _begin(self, peer: Peer, read: sdp.Description) -> None:
        async with _library(NEGOTIATION_S):
            await peer.connection.setRemoteDescription(RTCSessionDescription(read.text, "answer"))

    def _describe_to(self, peer: Peer) -> str:
        text = peer.connection.localDescription.sdp
        return sdp.announce(text, self._announced_address) if self._announced_address else text

    async def _answer_viewer(self, peer: Peer, read: sdp.Description) -> None:
        connection = peer.connection
        wanted = self._places(read, peer.lines)
        async with _library(NEGOTIATION_S):
            known = {transceiver.mid for transceiver in connection.getTransceivers()}
            for media in read.media:
                if media.mid not in known:
                    connection.add_line(media.kind, direction="sendonly")
            await connection.setRemoteDescription(RTCSessionDescription(read.text, "offer"))
            for transceiver, leg in connection.legs():
                await self._bind(peer, transceiver, leg, wanted.get(transceiver.mid or ""))
            await connection.setLocalDescription(await connection.createAnswer())

    async def _offer_lines(self, peer: Peer) -> None:
        connection = peer.connection
        async with _library(NEGOTIATION_S):
            for transceiver, leg in connection.legs():
                if leg.line is not None and leg.line.name not in peer.lines:
                    await self._bind(peer, transceiver, leg, None)
            held = {(leg.line.name, leg.kind) for _, leg in connection.legs() if leg.line is not None}
            for line in peer.lines:
                for kind in KINDS:
                    if (line, kind) not in held:
                        connection.add_line(kind, direction="sendonly")
                        transceiver, leg = connection.legs()[-1]
                        await self._bind(peer, transceiver, leg, line)
            await connection.setLocalDescription(await connection.createOffer())

    async def _bind(self, peer: Peer, transceiver: RTCRtpTransceiver, leg: Leg, line: str | None) -> None:
        """Let a transceiver carry a line, or nothing. Its direction alone would stop nothing."""
        transceiver.direction = "inactive" if line is None else "sendonly"
        if leg.line is not None and leg.line.name == line:
            return
        await leg.stop()
        if line is not None:
            leg.carry(self.node.stage(peer.room).line(line))

    @staticmethod
    def _places(read: sdp.Description, lines: tuple[str, ...]) -> dict[str, str]:
        """The line that each mid carries; lines that the peer does not want to receive now are left out."""
        counts: dict[Kind, int] = dict.fromkeys(KINDS, 0)
        places: dict[str, str] = {}
        for media in read.media:
            place, counts[media.kind] = counts[media.kind], counts[media.kind] + 1
            if place < len(lines) and media.direction == "recvonly":
                places[media.mid] = lines[place]
        return places

    async def _disconnect(self, peer: Peer) -> None:
        try:
            async with asyncio.timeout(CLOSE_S):
                await peer.connection.close()
        except TimeoutError:
            log.warning("peer_did_not_close", room=peer.room.key)
        if peer.room in self.node.rooms:
            for line in peer.lines:
                self.node.stage(peer.room).forget_line(line)

    async def _look(self) -> None:
        """Send away who floods."""
        for peer in [peer for peer in self._peers.values() if peer.connection.backlog > MOST_BACKLOG]:
            log.info("peer_sent_away", room=peer.room.key, reason="flood")
            await self._leave(peer)


@asynccontextmanager
async def _library(timeout_s: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except RtcError:
        raise
    except TimeoutError:
        raise NegotiationFailed(reason="it took too long") from None
    except LIBRARY_ERRORS as error:
        raise NegotiationFailed(reason=str(error)[:200] or type(error).__name__) from error


def _describe(peer: Peer) -> dict[str, Any]:
    wire = peer.connection.find_wire()
    told: dict[str, Any] = {
        "state": peer.state,
        "sent_bytes": wire.sent_bytes if wire else 0,
        "refused": wire.refused if wire else 0,
        "round_trip_ms": round(wire.round_trip_s * 1000, 1) if wire and wire.round_trip_s is not None else None,
    }
    if peer.source is not None:
        told |= peer.source.describe(now=time.monotonic())
    else:
        told["legs"] = [leg.describe() for _, leg in peer.connection.legs() if leg.line is not None]
    return told
