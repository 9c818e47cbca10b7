"""An engine of either kind and those who meet on it, for the tests that every engine passes."""

import socket

from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.engine.janus import JanusEngine
from realtime.rtc.failover import Patience
from realtime.rtc.names import RoomName
from realtime.rtc.node import Limits
from realtime.rtc.stage import Event
from tests.realtime.rtc.film import Film, Tone
from tests.realtime.rtc.peers import Peers, Publisher, Viewer

ROOM = RoomName.of("aurora", "r1")
PATIENCE = Patience(silence_s=0.3, stable_s=1.0)
LIMITS = Limits(peers=4)

Engine = AiortcEngine | JanusEngine


def own_address() -> str:
    """Janus offers no loopback, so its peers are on an address of this machine. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("198.51.100.1", 9))
        return str(probe.getsockname()[0])


class Troupe(Peers):
    """An engine and who meets on it."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.events: list[Event] = []
        engine.on_event = self.events.append

    async def publish(self, *tracks: Film | Tone, **options: str) -> Publisher:
        return await self.publisher().publish(self.engine, ROOM, *tracks, **options)  # type: ignore[arg-type]

    async def watch(self, viewer: Viewer | None = None, *, room: RoomName = ROOM, lines: tuple[str, ...] = ("host",)) -> Viewer:
        """In the direction that the engine can: the viewer offers, or is offered to."""
        viewer = viewer or self.viewer()
        if not self.engine.capabilities.answers_viewers:
            return await viewer.watch_offered(self.engine, room, lines=lines)
        missing = len(lines) - sum(transceiver.kind == "video" for transceiver in viewer.connection.getTransceivers())
        return await viewer.watch(self.engine, room, *("video", "audio") * missing, lines=lines)
