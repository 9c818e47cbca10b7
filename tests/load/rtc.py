"""The media plane: what a viewer costs (`rtc_cpu`), and what viewers notice when they join, when a source dies, when the network
loses packets, of the time that passes (`rtc_latency`, `rtc_llhls`), and of sound and picture that drift apart (`rtc_lips`).

The rows of this file run publisher, node and viewer in one process.
"""

import asyncio
import random
import resource
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aioice.ice

from realtime.rtc.engine import Description
from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.errors import RtcError
from realtime.rtc.failover import Patience
from realtime.rtc.fanout import Track
from realtime.rtc.names import RoomName
from realtime.rtc.node import Node
from tests.load.fanout_client import CannotMeasure
from tests.load.report import median, print_row
from tests.load.rtc_client import FPS, Film
from tests.load.rtc_cpu import SETTLE_S, measure_janus, measure_knee, measure_mediarelay
from tests.load.rtc_latency import measure_latency
from tests.load.rtc_lips import measure_lips
from tests.load.rtc_llhls import measure_llhls_latency
from tests.realtime.rtc.lossy import BadNetwork
from tests.realtime.rtc.peers import Publisher, Viewer
from tests.realtime.rtc.test_loss import share_seen

ROOM = RoomName.of("aurora", "bench")
JOINS, JOIN_GOP = 12, 60
SILENCE_S, FAILOVERS = 0.3, 5
LOSS, ONE_WAY_S, LOSS_PICTURES = 0.05, 0.05, 600


async def main(rows: list[str]) -> None:
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    wanted = {"mediarelay": measure_mediarelay, "janus": measure_janus, "knee": measure_knee, "join": measure_join, "failover": measure_failover}
    wanted |= {"loss5": measure_loss, "latency": measure_latency, "llhls-latency": measure_llhls_latency, "lips": measure_lips}
    for row in rows or wanted:
        if row not in wanted:
            raise CannotMeasure(f"no row rtc/{row}; there are {', '.join(wanted)}")
        await wanted[row]()


# What viewers notice --------------------------------------------------------------------------------


@asynccontextmanager
async def near_engine() -> AsyncIterator[AiortcEngine]:
    engine = AiortcEngine(Node(patience=Patience(silence_s=SILENCE_S)), host_addresses=("127.0.0.1",))
    engine.start()
    await engine.create_room(ROOM)
    try:
        yield engine
    finally:
        await engine.close()


async def measure_join() -> None:
    """From the viewer's offer to its first picture, with a keyframe every two seconds that cannot be asked for."""
    with_replay = await _join_ms()
    remembered = Track.since_keyframe
    Track.since_keyframe = lambda track: None  # type: ignore[method-assign]  # the peer: a node that forgets
    try:
        without = await _join_ms()
    finally:
        Track.since_keyframe = remembered  # type: ignore[method-assign]
    print_row("rtc/join", ours=median(with_replay), unit="ms", peer="without replay", peers=median(without), goal="<= 0.2")


async def _join_ms() -> list[float]:
    times = []
    async with near_engine() as engine:
        publisher = await Publisher().publish(engine, ROOM, Film(gop=JOIN_GOP))
        await asyncio.sleep(SETTLE_S)
        for _ in range(JOINS):
            viewer = await Viewer().watch(engine, ROOM, "video")
            await viewer.sees(1)
            times.append((viewer.pictures[0][0][0] - viewer.began) * 1000)
            await viewer.close()
            await asyncio.sleep(random.uniform(0, JOIN_GOP / FPS))  # a join ends at a keyframe without replay: the next one begins anywhere
        await publisher.close()
    return times


async def measure_failover() -> None:
    """The longest time without a new picture when the primary's network is cut."""
    gaps = []
    for _ in range(FAILOVERS):
        async with near_engine() as engine:
            primary = await Publisher().publish(engine, ROOM, Film())
            await asyncio.sleep(0.5)
            backup = await Publisher().publish(engine, ROOM, Film(), role="backup")
            viewer = await Viewer().watch(engine, ROOM, "video")
            await viewer.sees(45)
            cut_at = time.monotonic()
            await primary.fall_silent()
            await asyncio.sleep(2)
            gaps.append(viewer.longest_gap_s(since=cut_at) * 1000)
            for peer in (viewer, primary, backup):
                await peer.close()
    print_row("rtc/failover", ours=median(gaps), unit="ms", peer="threshold + 100 ms", peers=SILENCE_S * 1000 + 100, goal="<= 1.0")


async def measure_loss() -> None:
    """Small numbered pictures over a network that loses 5 % each way and takes 100 ms there and back."""
    from tests.realtime.rtc.film import Film as NumberedFilm

    network = BadNetwork(loss=LOSS, delay_s=ONE_WAY_S)
    async with near_engine() as engine:
        publisher = await Publisher().publish(engine, ROOM, NumberedFilm())
        viewer = Viewer()
        answer = await engine.subscribe(ROOM, offer=network.hide(await viewer.offer("video")))
        await viewer.take(Description(answer.peer_id, "answer", await network.between(answer.sdp)))
        await viewer.sees(LOSS_PICTURES, timeout_s=60)
        share = share_seen(viewer) * 100
        for peer in (viewer, publisher):
            await peer.close()
    network.close()
    print_row("rtc/loss5", ours=share, unit="% of pictures", peer="goal", peers=99.5, goal=">= 1.0")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8_192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    try:
        asyncio.run(main(sys.argv[1:]))
    except (CannotMeasure, RtcError, TimeoutError) as error:
        print(f"rtc: {error}", file=sys.stderr)
        sys.exit(1)
