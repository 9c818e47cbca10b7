"""The engine beside us: a Janus has the peers and encrypts for each of them; what is on air is decided here.

A publisher's packets go to Janus, and a copy comes to us. The stage hears it as it hears publishers of our own engine, and what
it puts on air goes back as the line's feed, once, however many watch: the same failover, pictures pressed into the gap included,
the same taps for low-latency HLS and recordings. It costs two hops over the loopback.
"""

import asyncio
import secrets
import time
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

from realtime.rtc import sdp
from realtime.rtc.engine import Capabilities, staged
from realtime.rtc.errors import NodeSilent, RtcError
from realtime.rtc.janus.client import JanusClient
from realtime.rtc.janus.copies import Copy, Feed, Road
from realtime.rtc.janus.videoroom import Rooms, VideoRoom
from realtime.rtc.names import KINDS, RoomName
from realtime.rtc.node import Node
from realtime.rtc.stage import Event, Source

log = structlog.get_logger(__name__)


@dataclass(eq=False, kw_only=True)
class Peer(staged.Peer):
    """`handle`: what Janus calls it. A publisher has the `ssrcs` of its copies."""

    handle: int
    ssrcs: list[int] = field(default_factory=list)
    told_state: str = "connecting"
    is_offered: bool = False

    @property
    def state(self) -> str:
        return self.told_state


@dataclass(eq=False)
class Hall:
    """A room at Janus. `turn`: its lines are opened and closed one at a time."""

    video_room: VideoRoom
    feeds: dict[str, Feed] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class JanusEngine(staged.StagedEngine[Peer]):
    """Implements `MediaEngine`. Needs: `start` on the loop that calls; Janus on this machine, or on a network that is trusted."""

    capabilities = Capabilities(answers_viewers=False, replays_keyframe=False, measures_viewers=False)

    def __init__(self, node: Node, *, url: str, secret: str = "", admin_key: str = "") -> None:
        """`url` of the WebSocket API, with its `secret`; `admin_key` of the videoroom."""
        super().__init__(node)
        self._client = JanusClient(url, secret=secret)
        self._client.on_told, self._client.on_lost = self._hear, self._lose_everybody
        self._rooms = Rooms(self._client, admin_key)
        self._road = Road()
        self._halls: dict[RoomName, Hall] = {}
        self._opening = asyncio.Lock()
        self._is_swept = False
        self._handles: dict[int, Peer] = {}

    def start(self) -> None:
        """Janus need not be there yet: until it is, this node says that it is full."""
        super().start()
        self._client.start()

    async def wait_until_up(self, *, timeout_s: float) -> None:
        """Raises: NodeSilent."""
        await self._client.wait_until_up(timeout_s=timeout_s)

    async def stats(self, room: RoomName | None = None) -> dict[str, Any]:
        """Shapes as those of the other engine. A node whose Janus is away takes nobody: it is full."""
        if room is None:
            told = self.node.describe()
            return told | {"is_full": told["is_full"] or not self._client.is_up}
        stage = self.node.stage(room)
        inside = self._inside(room)
        lines = {
            line.name: {
                "on_air": line.active.peer_id if line.active is not None else "",
                "is_silent": line.is_silent,
                "is_muted": line.is_muted,
                "viewers": sum(line.name in peer.lines for peer in inside),
            }
            for line in stage.lines.values()
        }
        return {"lines": lines, "peers": {peer.peer_id: _describe(peer) for peer in inside}}

    async def close_room(self, room: RoomName) -> None:
        """Of Janus's own room nothing is asked before somebody comes, and nothing is left of it here."""
        await asyncio.gather(*(self._leave(peer) for peer in self._inside(room)))
        await self._close_hall(room)
        await super().close_room(room)

    async def close(self) -> None:
        for room in list(self.node.rooms):
            await self.close_room(room)
        self._client.on_lost = lambda: None
        await self._end_tasks()
        await self._client.close()
        self._road.close()
        await self.node.close()

    # Steps -----------------------------------------------------------------------------------------

    async def _hall(self, room: RoomName) -> Hall:
        """Janus's side of a room, made when it is not there. Raises: RoomUnknown, NodeSilent."""
        async with self._opening:
            hall = self._halls.get(room)
            if hall is None:
                self.node.stage(room)
                own, janus = self._client.addresses
                try:
                    await self._road.open(own=own, janus=janus)
                except OSError as error:
                    log.warning("janus_road_closed", reason=str(error))
                    raise NodeSilent from error
                hall = self._halls[room] = Hall(await self._rooms.open())
            return hall

    async def _receive(self, peer: Peer, source: Source, read: sdp.Description) -> str:
        video_room = (await self._hall(peer.room)).video_room
        feed, answer = await video_room.publish(peer.handle, offer=read.text)
        await self._copy(peer, source, video_room, feed, read.media)
        return answer

    async def _begin(self, peer: Peer, read: sdp.Description) -> None:
        await (await self._hall(peer.room)).video_room.begin(peer.handle, answer=read.text)

    async def _copy(self, peer: Peer, source: Source, video_room: VideoRoom, feed: int, media: Iterable[sdp.Media]) -> None:
        hear, wanted = self.node.hear(peer.room), []
        for found in media:
            ssrc = secrets.randbits(31) + 1
            copy = Copy(found.kind, source, hear=hear, ask=lambda: self._later(_quietly(video_room.ask_keyframe(peer.handle))))
            self._road.expect(ssrc, copy)
            source.feedback[found.kind] = copy
            peer.ssrcs.append(ssrc)
            wanted.append((found.mid, ssrc))
        host, port = self._road.address
        await video_room.copy_to(feed, host=host, port=port, streams=wanted)

    async def _show(self, peer: Peer, read: sdp.Description | None, *, before: tuple[str, ...]) -> str:
        hall = await self._hall(peer.room)
        held = [hall.feeds[line].address.feed for line in before if line in hall.feeds]
        wanted = [(await self._feed(peer.room, hall, line)).address.feed for line in peer.lines]
        if not peer.is_offered:
            peer.is_offered = True
            return await hall.video_room.subscribe(peer.handle, wanted)
        added, removed = [feed for feed in wanted if feed not in held], [feed for feed in held if feed not in wanted]
        return await hall.video_room.resubscribe(peer.handle, added=added, removed=removed)

    async def _feed(self, room: RoomName, hall: Hall, name: str) -> Feed:
        async with hall.turn:
            line = self.node.stage(room).line(name)
            feed = hall.feeds.get(name)
            if feed is None:
                address = await hall.video_room.add_feed(host=self._client.addresses[1])
                feed = hall.feeds[name] = self._road.begin(line, address)
            return feed

    async def _close_unwatched(self, room: RoomName) -> None:
        """A line that nobody watches is not sent to Janus."""
        hall = self._halls.get(room)
        if hall is None:
            return
        async with hall.turn:
            watched = {line for peer in self._peers.values() if peer.room == room for line in peer.lines}
            for name in hall.feeds.keys() - watched:
                feed = hall.feeds.pop(name)
                self._road.end(feed)
                with suppress(RtcError):
                    self.node.stage(room).forget_line(name)
                await _quietly(hall.video_room.remove_feed(feed.address.feed))

    async def _close_hall(self, room: RoomName) -> None:
        hall = self._halls.pop(room, None)
        if hall is not None:
            for feed in hall.feeds.values():
                self._road.end(feed)
            await hall.video_room.close()

    async def _connect(self, room: RoomName) -> Peer:
        peer = Peer(room=room, handle=await self._client.attach())
        self._handles[peer.handle] = peer
        return peer

    async def _disconnect(self, peer: Peer) -> None:
        await _quietly(self._client.detach(peer.handle))
        await self._close_unwatched(peer.room)

    def _strike_off(self, peer: Peer) -> bool:
        self._handles.pop(peer.handle, None)
        for ssrc in peer.ssrcs:
            self._road.forget(ssrc)
        return super()._strike_off(peer)

    # What Janus tells ------------------------------------------------------------------------------

    def _hear(self, handle: int, told: dict[str, Any]) -> None:
        peer = self._handles.get(handle)
        if peer is None:
            return
        if told["janus"] == "webrtcup":
            peer.told_state = "connected"
        elif told["janus"] in {"hangup", "detached"}:
            peer.told_state = "closed"
            self._later(self._leave(peer))

    def _lose_everybody(self) -> None:
        """Janus, or the way to it, is gone, and with it every connection. Who was here signals again."""
        for peer in list(self._peers.values()):
            self._strike_off(peer)
        for room, hall in self._halls.items():
            for feed in hall.feeds.values():
                self._road.end(feed)
            self.node.on_event(Event(room, "moving"))
        self._halls.clear()
        self._is_swept = False

    async def _look(self) -> None:
        """End what the node has forgotten, and keep Janus knowing our address."""
        if self._client.is_up and not self._is_swept:
            self._is_swept = True
            await _quietly(self._rooms.sweep())
        for room in [room for room in self._halls if room not in self.node.rooms]:
            await self._close_hall(room)
        for hall in self._halls.values():
            for feed in hall.feeds.values():
                feed.greet()


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    """What Janus does not do now is of no use later: the connection is over, or Janus is."""
    try:
        await work
    except RtcError as error:
        log.info("janus_not_told", reason=str(error))


def _describe(peer: Peer) -> dict[str, Any]:
    """Bytes, loss and round trips of a connection stay with Janus."""
    told: dict[str, Any] = {"state": peer.state, "sent_bytes": None, "refused": None, "round_trip_ms": None}
    if peer.source is not None:
        return told | peer.source.describe(now=time.monotonic())
    legs = [{"kind": kind, "line": line, "loss": None, "round_trip_ms": None} for line in peer.lines for kind in KINDS]
    return told | {"legs": legs}
