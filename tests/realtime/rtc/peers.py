"""Real publishers and viewers: stock aiortc peer connections over ICE and DTLS on the loopback."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiortc import MediaStreamTrack, RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from realtime.rtc.engine import Description, MediaEngine
from realtime.rtc.names import HOST_LINE, Role, RoomName
from tests.realtime.rtc import film

CONFIGURATION = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
# Generous: the machine that runs the tests has other work.
PATIENCE_S = 30.0


async def until(is_so: Callable[[], Any], *, timeout_s: float = PATIENCE_S, what: str = "") -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        await asyncio.sleep(0.01)


class Publisher:
    def __init__(self) -> None:
        self.connection = RTCPeerConnection(CONFIGURATION)
        self.peer_id = ""

    async def offer(self, *tracks: MediaStreamTrack) -> str:
        for track in tracks:
            transceiver = self.connection.addTransceiver(track, direction="sendonly")
            if track.kind == "video":
                transceiver.setCodecPreferences(film.h264())
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def take(self, answer: Description) -> None:
        self.peer_id = answer.peer_id
        await self.connection.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))

    async def publish(self, engine: MediaEngine, room: RoomName, *tracks: MediaStreamTrack, role: Role = "primary", name: str = "") -> "Publisher":
        await self.take(await engine.publish(room, offer=await self.offer(*tracks), role=role, name=name))
        return self

    async def fall_silent(self) -> None:
        """As when the network is cut: nothing is said any more, not even goodbye."""
        transport = self.connection.getTransceivers()[0].sender.transport.transport
        transport._connection._nominated.clear()

    async def close(self) -> None:
        await self.connection.close()


class Viewer:
    """Decodes what comes. Lists hold one entry a frame, in the order of arrival, for each video or audio m-line."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(CONFIGURATION)
        self.peer_id = ""
        self.pictures: list[list[tuple[float, int, bool]]] = []
        self.sounds: list[list[float]] = []
        self.loudest = 0
        self.began = time.monotonic()
        self._tasks: list[asyncio.Task[None]] = []
        self.connection.on("track", self._receive)

    async def offer(self, *kinds: str) -> str:
        for kind in kinds:
            self.connection.addTransceiver(kind, direction="recvonly")
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def take(self, answer: Description) -> None:
        self.peer_id = answer.peer_id
        await self.connection.setRemoteDescription(RTCSessionDescription(answer.sdp, answer.kind))
        self._believe_descriptions_alone()

    def _believe_descriptions_alone(self) -> None:
        """As browsers do once two lines have the same payload type: the library gives packets of a line whose description it has not
        read yet to the first one, where their numbers confuse the jitter buffer for seconds."""
        router = self.connection.getTransceivers()[0].receiver.transport._rtp_router
        route = type(router).route_rtp

        def find(packet: Any) -> Any:
            has_one_line = len(self.connection.getTransceivers()) <= 2
            return route(router, packet) if has_one_line or packet.ssrc in router.ssrc_table else None

        router.route_rtp = find

    async def watch(self, engine: MediaEngine, room: RoomName, *kinds: str, lines: tuple[str, ...] = (HOST_LINE,)) -> "Viewer":
        self.began = time.monotonic()
        offer = await self.offer(*(kinds or ("video", "audio")))
        await self.take(await engine.subscribe(room, offer=offer, lines=lines, peer_id=self.peer_id))
        return self

    async def watch_offered(self, engine: MediaEngine, room: RoomName, *, lines: tuple[str, ...] = (HOST_LINE,)) -> "Viewer":
        """The engine offers; once more on the same connection when it is there."""
        self.began = time.monotonic()
        offered = await engine.subscribe(room, lines=lines, peer_id=self.peer_id)
        assert offered.kind == "offer"
        await self.take(offered)
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        await engine.accept(room, peer_id=self.peer_id, answer=self.connection.localDescription.sdp)
        return self

    async def sees(self, count: int = 5, *, line: int = 0, timeout_s: float = PATIENCE_S) -> None:
        """`count` pictures more than now."""
        aim = count + (len(self.pictures[line]) if len(self.pictures) > line else 0)
        await until(
            lambda: len(self.pictures) > line and len(self.pictures[line]) >= aim, timeout_s=timeout_s, what=f"{count} pictures of line {line}"
        )

    def longest_gap_s(self, *, since: float, line: int = 0) -> float:
        """Between two pictures that follow each other, of which the later came after `since`."""
        times = [at for at, _, _ in self.pictures[line]]
        return max((after - before for before, after in zip(times, times[1:], strict=False) if after > since), default=0.0)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.connection.close()

    def _receive(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.ensure_future(self._read(track)))

    async def _read(self, track: MediaStreamTrack) -> None:
        pictures: list[tuple[float, int, bool]] = []
        sounds: list[float] = []
        if track.kind == "video":
            self.pictures.append(pictures)
        else:
            self.sounds.append(sounds)
        with suppress(MediaStreamError):
            while True:
                frame: Any = await track.recv()
                if track.kind == "video":
                    pictures.append((time.monotonic(), film.number_of(frame), film.is_bright(frame)))
                else:
                    sounds.append(time.monotonic())
                    self.loudest = max(self.loudest, int(abs(frame.to_ndarray()).max()))


class Peers:
    """Those who take part in a test; they are closed whatever happens."""

    def __init__(self) -> None:
        self.all: list[Publisher | Viewer] = []

    def publisher(self) -> Publisher:
        peer = Publisher()
        self.all.append(peer)
        return peer

    def viewer(self) -> Viewer:
        peer = Viewer()
        self.all.append(peer)
        return peer

    async def close(self) -> None:
        for peer in self.all:
            await peer.close()
