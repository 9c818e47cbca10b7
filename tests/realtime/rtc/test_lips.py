"""Lips and voice stay together in a real browser."""

import asyncio
import statistics
import time

import pytest

from tests.realtime.rtc.conftest import ROOM, Cast
from tests.realtime.rtc.lips import TornNetwork, list_skews_ms, pair_ms, watching_itself

HELD_S = 0.3
NEAR_MS = 150.0
LATEST = 3
PATIENCE_S = 45.0


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.alone
async def test_a_browser_brings_together_what_the_network_tore_apart(cast: Cast) -> None:
    """The publisher's sound reaches the node 0.3 s after its picture. Told the publisher's clock, a viewer's browser finds out and
    holds the picture back until both are about as near as over a plain connection, which nothing tears apart."""
    engine, network = await cast.room(), TornNetwork(hold_s=HELD_S)
    deadline, ours, plain = time.monotonic() + PATIENCE_S, [1e9], [0.0]
    try:
        async with watching_itself(engine, ROOM, network=network) as page:
            while statistics.median(ours) > abs(statistics.median(plain)) + NEAR_MS and time.monotonic() < deadline:
                await asyncio.sleep(0.25)
                heard = [await list_skews_ms(page, "ours"), await list_skews_ms(page, "plain")]
                if min(map(len, heard)) >= LATEST:
                    ours, plain = (skews[-LATEST:] for skews in heard)
    finally:
        network.close()
    print(f"sound after picture, ms: ours {ours}, plain {plain}")
    assert network.held > 100
    assert abs(statistics.median(ours)) <= abs(statistics.median(plain)) + NEAR_MS


def test_flashes_find_their_own_beeps() -> None:
    """Each flash is paired with the nearest beep; one whose beep was not heard, or whose flash was not shown, counts for nothing."""
    assert pair_ms([1000, 2000, 3000], [1050, 2990, 4100]) == [50, -10]
    assert pair_ms([1000], []) == []
