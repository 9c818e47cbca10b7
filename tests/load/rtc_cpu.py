"""What a viewer costs: our node beside aiortc's MediaRelay and beside a Janus, and how many viewers a core carries.

CPU is that of the whole process by viewer and picture that arrived, told for 30 pictures a second: a machine with other work
slows the film down, not the figure. Packets travel over the loopback, which charges the receiver's work in the kernel to the
sender.
"""

import asyncio
import time

from realtime.rtc.engine import Description
from realtime.rtc.names import RoomName
from tests.load.fanout_client import CannotMeasure, cpu_s
from tests.load.report import median, print_row
from tests.load.rtc_client import FPS, Film, LightViewer
from tests.load.rtc_hosts import Host, janus_alone, media_node, media_relay, offered_addresses
from tests.realtime.rtc.peers import Publisher, Viewer
from tests.realtime.rtc.troupe import own_address

VIEWERS, RELAY_VIEWERS, AT_ONCE = 100, 3, 8
SETTLE_S, MEASURED_S, ROUNDS = 1.5, 5.0, 2
# A room holds 120 peers: the knee is looked for with several.
KNEE_PERCENT, KNEE_ROOM, KNEE_STEP, MOST_KNEE = 70.0, 100, 100, 1_500


async def measure_mediarelay() -> None:
    mine, theirs = [], []
    for _ in range(ROUNDS):
        async with media_relay() as host:
            theirs.append(await cpu_permille(host, RELAY_VIEWERS))
        async with media_node() as host:
            mine.append(await cpu_permille(host, VIEWERS))
    print_row("rtc/mediarelay", ours=median(mine) / 10, unit="% of a core a viewer", peer="MediaRelay", peers=median(theirs) / 10, goal="<= 0.012")


async def measure_janus() -> None:
    """Janus as its users know it: a publisher's feed, to which the videoroom's subscribers are bound. Ours with the C part, and
    in Python alone."""
    address = own_address()  # Janus offers no loopback
    mine, pure, theirs = [], [], []
    with offered_addresses(address):
        for _ in range(ROUNDS):
            async with janus_alone() as host:
                theirs.append(await cpu_permille(host, VIEWERS))
            async with media_node(address=address) as host:
                mine.append(await cpu_permille(host, VIEWERS))
            async with media_node("--pure", address=address) as host:
                pure.append(await cpu_permille(host, VIEWERS))
    for row, ours, goal in (("rtc/janus", mine, "<= 1.0"), ("rtc/janus-pure", pure, "<= 1.2")):
        print_row(row, ours=median(ours) / 10, unit="% of a core a viewer", peer="Janus with event_loops", peers=median(theirs) / 10, goal=goal)


async def measure_knee() -> None:
    """Viewers are added until the node needs 70 % of its core: no goal, one line."""
    crowd = Crowd()
    taken: list[tuple[int, float]] = [(0, 0.0)]
    try:
        async with media_node("--peers", str(MOST_KNEE)) as host:
            while taken[-1][1] < KNEE_PERCENT and crowd.viewers + KNEE_STEP < MOST_KNEE:
                await crowd.grow(host, KNEE_STEP)
                taken.append((crowd.viewers, await cpu_percent(host, crowd.witness)))
                print(f"  {crowd.viewers} viewers in rooms of {KNEE_ROOM}: {taken[-1][1]:.1f} % of a core", flush=True)
    finally:
        await crowd.close()
    (fewer, less), (more, most) = taken[-2:]
    if most < KNEE_PERCENT:
        raise CannotMeasure(f"{more} viewers took {most:.0f} % of a core only")
    knee = fewer + (more - fewer) * (KNEE_PERCENT - less) / (most - less)
    print(f"rtc/knee: {knee:.0f} viewers at {KNEE_PERCENT:.0f} % of a core", flush=True)


class Crowd:
    """Rooms that fill one after the other. The first viewer of all decodes, as proof that something arrives."""

    def __init__(self) -> None:
        self.witness = Viewer()
        self.viewers = 0
        self._publishers: list[Publisher] = []
        self._light: list[LightViewer] = []

    async def grow(self, host: Host, count: int) -> None:
        while count > 0:
            place = self.viewers % KNEE_ROOM
            room = RoomName.of("aurora", f"bench{len(self._publishers) - bool(place)}")
            if place == 0:
                self._publishers.append(publisher := Publisher())
                await publisher.take(Description("", "answer", await host.publish(await publisher.offer(Film()), room)))
                await asyncio.sleep(SETTLE_S)
            if self.viewers == 0:
                await host.watch(self.witness, room)
                await self.witness.sees(10)
            more = [LightViewer() for _ in range(min(count, AT_ONCE, KNEE_ROOM - place) - (self.viewers == 0))]
            self._light += more
            await asyncio.gather(*(_join(host, viewer, room) for viewer in more))
            joined = len(more) + (self.viewers == 0)
            self.viewers, count = self.viewers + joined, count - joined
        await asyncio.sleep(SETTLE_S)

    async def close(self) -> None:
        for peer in (*self._light, self.witness, *self._publishers):
            await peer.close()


async def cpu_permille(host: Host, viewers: int) -> float:
    """CPU of the node by viewer, in thousandths of a core."""
    crowd = Crowd()
    try:
        await crowd.grow(host, viewers)
        return await cpu_percent(host, crowd.witness) / viewers * 10
    finally:
        await crowd.close()


async def cpu_percent(host: Host, witness: Viewer) -> float:
    """CPU of the node in percent of a core, told for 30 pictures a second."""
    stamps = _arriving(witness)
    cpu, began = cpu_s(host.pid), time.monotonic()
    await asyncio.sleep(MEASURED_S)
    cpu, took_s = cpu_s(host.pid) - cpu, time.monotonic() - began
    per_s = len(stamps) / took_s
    if per_s < 1:
        raise CannotMeasure(f"{per_s:.1f} pictures a second arrived")
    return cpu / took_s * 100 * FPS / per_s


def _arriving(witness: Viewer) -> set[bytes]:
    """The timestamps of pictures that reach the witness from now on, whether or not it keeps up with decoding."""
    transport = witness.connection.getTransceivers()[0].receiver.transport
    stamps: set[bytes] = set()
    handle = transport._handle_rtp_data

    async def note(data: bytes, arrival_time_ms: int) -> None:
        stamps.add(data[4:8])
        await handle(data, arrival_time_ms=arrival_time_ms)

    transport._handle_rtp_data = note
    return stamps


async def _join(host: Host, viewer: LightViewer, room: RoomName) -> None:
    await host.watch(viewer, room)
    await viewer.become_light()
