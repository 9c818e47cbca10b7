"""What arrives over a network that loses five packets in a hundred and takes 100 ms there and back."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from realtime.rtc.engine import Description
from tests.realtime.rtc.conftest import ROOM, Cast
from tests.realtime.rtc.film import Film
from tests.realtime.rtc.lossy import BadNetwork
from tests.realtime.rtc.peers import Viewer

COUNT = 120


@pytest.fixture
def network() -> Iterator[BadNetwork]:
    network = BadNetwork(loss=0.05, delay_s=0.05)
    yield network
    network.close()


async def _through(network: BadNetwork, answer: Description) -> Description:
    return replace(answer, sdp=await network.between(answer.sdp))


def share_seen(viewer: Viewer) -> float:
    """Of the different pictures between the first and the last that were decoded."""
    numbers = [number for _, number, _ in viewer.pictures[0]]
    place, places = 0, {0}
    for before, after in zip(numbers, numbers[1:], strict=False):
        place += (after - before) % COUNT
        places.add(place)
    return len(places) / (place + 1)


async def test_a_viewer_with_loss_sees_nearly_every_picture(cast: Cast, network: BadNetwork) -> None:
    """Repetitions come from the room's history, each once a round trip, however often the viewer lists them."""
    engine = await cast.room()
    await cast.publisher().publish(engine, ROOM, Film())
    viewer = cast.viewer()
    offer = network.hide(await viewer.offer("video"))
    await viewer.take(await _through(network, await engine.subscribe(ROOM, offer=offer)))
    await viewer.sees(150, timeout_s=40)
    assert network.lost > 5
    assert share_seen(viewer) >= 0.98
    leg = (await engine.stats(ROOM))["peers"][viewer.peer_id]["legs"][0]
    assert leg["repeated"] > 0
    assert leg["repeated"] < 3 * network.lost
    deadline = time.monotonic() + 10  # it is told about once a second, unless the report was lost
    while not leg["round_trip_ms"] and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        leg = (await engine.stats(ROOM))["peers"][viewer.peer_id]["legs"][0]
    assert leg["round_trip_ms"] >= 90


async def test_a_publisher_with_loss_is_asked_until_everything_is_there(cast: Cast, network: BadNetwork) -> None:
    """The node repairs the publisher's side before it numbers packets for viewers, who notice a delay at most."""
    engine = await cast.room()
    publisher = cast.publisher()
    offer = network.hide(await publisher.offer(Film()))
    await publisher.take(await _through(network, await engine.publish(ROOM, offer=offer, role="primary")))
    viewer = await cast.viewer().watch(engine, ROOM, "video")
    await viewer.sees(150)
    assert network.lost > 5
    assert share_seen(viewer) >= 0.98
    video = (await engine.stats(ROOM))["peers"][publisher.peer_id]["kinds"]["video"]
    assert video["repaired"] > 0
