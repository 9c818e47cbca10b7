"""What the engines have in common: who may come, on which stage, for how long. An engine adds the connections themselves."""

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

import structlog

from realtime.rtc import sdp
from realtime.rtc.admission import read_publisher, read_viewer
from realtime.rtc.engine import Capabilities, Description
from realtime.rtc.errors import OfferUnwanted, PeerUnknown, ViewersFull
from realtime.rtc.names import HOST_LINE, Role, RoomName, line_of
from realtime.rtc.node import Node
from realtime.rtc.stage import Event, Source

log = structlog.get_logger(__name__)

# Peers that never finish their handshake are forgotten after this long.
CONNECT_S = 10.0
WATCH_S = 1.0
MOST_LATER = 512


@dataclass(eq=False, kw_only=True)
class Peer:
    """A publisher has a `source`, a viewer has `lines`."""

    room: RoomName
    peer_id: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    source: Source | None = None
    lines: tuple[str, ...] = ()
    is_gone: bool = False
    entered_at: float = field(default_factory=time.monotonic)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def state(self) -> str:
        """In WebRTC's words; "connected" counts."""
        raise NotImplementedError


PeerT = TypeVar("PeerT", bound=Peer)


class StagedEngine(Generic[PeerT]):
    """The part of `MediaEngine` that decides. Subclasses: `_connect`, `_receive`, `_show`, `_begin`, `_disconnect`, `_look`."""

    capabilities: Capabilities
    is_loopback_allowed = False

    def __init__(self, node: Node) -> None:
        self.node = node
        self._peers: dict[str, PeerT] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def on_event(self) -> Callable[[Event], None]:
        return self.node.on_event

    @on_event.setter
    def on_event(self, act: Callable[[Event], None]) -> None:
        self.node.on_event = act

    def start(self) -> None:
        self.node.start()
        self._later(self._watch())

    @property
    def rooms(self) -> list[RoomName]:
        return self.node.rooms

    def drain(self) -> None:
        self.node.is_draining = True

    async def create_room(self, room: RoomName) -> None:
        self.node.create_room(room)

    async def publish(self, room: RoomName, *, offer: str, role: Role, name: str = "", is_muted: bool = False) -> Description:
        read, kinds = read_publisher(offer, role=role, name=name, is_loopback_allowed=self.is_loopback_allowed)
        stage = self.node.stage(room)
        with self.node.negotiation():
            rival = stage.find_rival(role, name)
            if rival is not None:
                await self.kick(room, rival.peer_id)
            peer = await self._enter(room)
            try:
                if is_muted:
                    stage.mute(line_of(role, name), is_muted=True)
                peer.source = Source(peer_id=peer.peer_id, role=role, name=name, kinds=kinds)
                stage.add_source(peer.source, now=self.node.clock())
                answer = await self._receive(peer, peer.source, read)
            except BaseException:  # whoever gave up waiting leaves no half-made peer either
                await self._leave(peer)
                raise
        return Description(peer.peer_id, "answer", sdp.with_start_bitrate(answer, kbps=sdp.START_KBPS))

    async def subscribe(
        self, room: RoomName, *, offer: str | None = None, lines: Sequence[str] = (HOST_LINE,), peer_id: str = "", most_viewers: int = 0
    ) -> Description:
        read = None if offer is None else read_viewer(offer, is_loopback_allowed=self.is_loopback_allowed)
        if read is not None and not self.capabilities.answers_viewers:
            raise OfferUnwanted
        stage = self.node.stage(room)
        for line in lines:
            stage.line(line)
        if most_viewers and not peer_id and len(self._viewers(room)) >= most_viewers:
            raise ViewersFull(most=most_viewers)
        with self.node.negotiation():
            peer = self._find_viewer(room, peer_id) if peer_id else await self._enter(room)
            try:
                async with peer.turn:
                    before, peer.lines = peer.lines, tuple(lines)
                    text = await self._show(peer, read, before=before)
            except BaseException:  # as in `publish`
                await self._leave(peer)
                raise
        kind: Literal["offer", "answer"] = "offer" if read is None else "answer"
        return Description(peer.peer_id, kind, text)

    async def accept(self, room: RoomName, *, peer_id: str, answer: str) -> None:
        peer = self._find_viewer(room, peer_id)
        read = read_viewer(answer, is_loopback_allowed=self.is_loopback_allowed)
        with self.node.negotiation():
            async with peer.turn:
                await self._begin(peer, read)

    async def switch_source(self, room: RoomName, peer_id: str | None) -> None:
        self.node.stage(room).prefer(peer_id)

    async def drop(self, room: RoomName, *, roles: Sequence[Role], for_s: float) -> None:
        self.node.stage(room).drop(roles, until=self.node.clock() + for_s)

    async def kick(self, room: RoomName, peer_id: str) -> None:
        await self._leave(self._find(room, peer_id))

    async def mute_line(self, room: RoomName, line: str, *, is_muted: bool) -> None:
        self.node.stage(room).mute(line, is_muted=is_muted)

    async def close_line(self, room: RoomName, line: str) -> None:
        senders = self.node.stage(room).empty(line)
        await asyncio.gather(*(self._leave(peer) for peer in list(self._peers.values()) if peer.peer_id in senders))

    async def close_room(self, room: RoomName) -> None:
        await asyncio.gather(*(self._leave(peer) for peer in self._inside(room)))
        self.node.forget(room)

    # An engine's own --------------------------------------------------------------------------------

    async def _connect(self, room: RoomName) -> PeerT:
        """Needs: a place at the node is taken."""
        raise NotImplementedError

    async def _receive(self, peer: PeerT, source: Source, read: sdp.Description) -> str:
        """Let the peer send what it offers. Returns the answer."""
        raise NotImplementedError

    async def _show(self, peer: PeerT, read: sdp.Description | None, *, before: tuple[str, ...]) -> str:
        """Let the peer watch `peer.lines` instead of those `before`. Returns the answer, or an offer when there is none to answer."""
        raise NotImplementedError

    async def _begin(self, peer: PeerT, read: sdp.Description) -> None:
        """Take the answer to an offer."""
        raise NotImplementedError

    async def _disconnect(self, peer: PeerT) -> None:
        """Needs: the peer is struck off. Raises nothing."""
        raise NotImplementedError

    async def _look(self) -> None:
        """At the start and once a second."""

    # Steps ------------------------------------------------------------------------------------------

    async def _enter(self, room: RoomName) -> PeerT:
        self.node.enter(room)
        try:
            peer = await self._connect(room)
        except BaseException:
            self.node.leave(room)
            raise
        self._peers[peer.peer_id] = peer
        return peer

    async def _leave(self, peer: PeerT) -> None:
        if self._strike_off(peer):
            await self._disconnect(peer)

    def _strike_off(self, peer: PeerT) -> bool:
        if peer.is_gone:
            return False
        peer.is_gone = True
        self._peers.pop(peer.peer_id, None)
        if peer.room in self.node.rooms:
            if peer.source is not None:
                self.node.stage(peer.room).remove_source(peer.source)
            self.node.leave(peer.room)
        return True

    def _inside(self, room: RoomName) -> list[PeerT]:
        return [peer for peer in self._peers.values() if peer.room == room]

    def _viewers(self, room: RoomName) -> list[PeerT]:
        return [peer for peer in self._inside(room) if peer.source is None]

    def _find(self, room: RoomName, peer_id: str) -> PeerT:
        peer = self._peers.get(peer_id)
        if peer is None or peer.room != room:
            raise PeerUnknown
        return peer

    def _find_viewer(self, room: RoomName, peer_id: str) -> PeerT:
        peer = self._find(room, peer_id)
        if peer.source is not None:
            raise PeerUnknown
        return peer

    async def _watch(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(WATCH_S)
            now = time.monotonic()
            for peer in list(self._peers.values()):
                if now - peer.entered_at > CONNECT_S and peer.state != "connected":
                    log.info("peer_sent_away", room=peer.room.key, reason="never connected")
                    await self._leave(peer)

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        if len(self._tasks) >= MOST_LATER:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
