"""A frozen or black picture and silence, noticed by the real node of packets that it does not decode for anybody."""

import time
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio

from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.inspection.inspector import Inspector
from realtime.rtc.inspection.senses import Ear, Eye
from realtime.rtc.inspection.symptoms import AFTER_S, Symptoms
from realtime.rtc.overview import Meter
from realtime.rtc.packets import Packet
from tests.realtime.rtc import film
from tests.realtime.rtc.conftest import ROOM, Cast
from tests.realtime.rtc.peers import until

pytestmark = pytest.mark.slow

GREY = np.full((36, 64), 120, np.int16)
BLACK = np.full((36, 64), 16, np.int16)


@pytest_asyncio.fixture
async def engine(cast: Cast) -> AsyncIterator[AiortcEngine]:
    engine = await cast.room()
    inspector = Inspector(engine.node)
    inspector.start()
    yield engine
    await inspector.close()


async def test_a_frozen_then_black_picture_and_a_muted_microphone_are_noticed_and_forgotten(engine: AiortcEngine, cast: Cast) -> None:
    """Each by its name, within seconds of its beginning; the alarm ends with the trouble, and viewers got every picture meanwhile."""
    picture, sound = film.Film(gop=60), film.Tone()
    publisher = await cast.publisher().publish(engine, ROOM, picture, sound)
    viewer = await cast.viewer().watch(engine, ROOM, "video")
    [source] = engine.node.stage(ROOM).sources
    await until(lambda: source.size == (film.WIDTH, film.HEIGHT), what="the first keyframe is looked at")
    await viewer.sees(30)
    assert source.troubles == {}

    picture.turn_to(film.stills(60))
    sound.is_muted = True
    began = time.monotonic()
    await until(lambda: set(source.troubles) == {"frozen", "silent"}, what="frozen and silent")
    took_s = time.monotonic() - began
    assert took_s > AFTER_S["frozen"], "a picture that stands still for a moment is none of this"

    picture.turn_to(film.stills(60, is_black=True))
    sound.is_muted = False
    await until(lambda: set(source.troubles) == {"black"}, what="black, and heard again")
    overview = Meter().read(await engine.stats(ROOM), node="n1", now=0.0)
    [told] = overview.publishers
    assert (set(told.troubles), told.width, told.height) == ({"black"}, film.WIDTH, film.HEIGHT)

    picture.turn_to(film.pictures(60))
    await until(lambda: source.troubles == {}, what="all is well again")
    assert viewer.longest_gap_s(since=began) < 2.0
    assert publisher.peer_id == source.peer_id


async def test_a_picture_without_sound_is_silent(engine: AiortcEngine, cast: Cast) -> None:
    """A program that sends no sound at all; guests are not looked after."""
    await cast.publisher().publish(engine, ROOM, film.Film())
    await cast.publisher().publish(engine, ROOM, film.Film(), role="guest", name="Ann")
    host, guest = engine.node.stage(ROOM).sources
    await until(lambda: set(host.troubles) == {"silent"}, what="silence")
    assert (guest.troubles, guest.size) == ({}, (0, 0))


def test_troubles_are_told_once_they_last() -> None:
    """A cut to black, a still of two seconds and a breath are none; what lasts is told with its beginning."""
    symptoms = Symptoms()
    symptoms.see(GREY, now=0.0)
    symptoms.see(GREY, now=2.0)
    assert symptoms.troubles(now=2.0) == {}
    assert symptoms.is_suspect(now=2.0)
    symptoms.see(GREY, now=3.0)
    assert symptoms.troubles(now=3.0) == {"frozen": 0.0}
    symptoms.see(GREY + 9, now=3.5)
    assert symptoms.troubles(now=9.0) == {}
    symptoms.see(BLACK, now=10.0)
    assert symptoms.troubles(now=11.0) == {}
    symptoms.see(BLACK, now=14.0)
    assert symptoms.troubles(now=14.0) == {"black": 10.0}, "a black picture is not called frozen as well"
    for at in (0.0, 2.0, 3.4):
        symptoms.hear(0.0, now=at)
    assert "silent" not in symptoms.troubles(now=3.4)
    assert "silent" in symptoms.troubles(now=3.5)
    symptoms.hear(0.2, now=4.5)
    assert "silent" not in symptoms.troubles(now=20.0)


def test_noise_and_another_encoding_of_the_same_picture_are_no_movement() -> None:
    """A few grey levels in each cell; a face of one cell that changes is movement."""
    rng = np.random.default_rng(7)
    symptoms = Symptoms()
    for at in range(5):
        symptoms.see(GREY + rng.integers(-1, 2, GREY.shape), now=float(at))
    assert symptoms.troubles(now=4.0) == {"frozen": 0.0}
    moved = GREY.copy()
    moved[10, 20] += 12
    symptoms.see(moved, now=5.0)
    assert symptoms.troubles(now=5.0) == {}


def test_broken_packets_say_nothing() -> None:
    """No picture, garbage, half a keyframe: neither a look nor an error, and the next whole one is seen."""
    eye = Eye()
    whole = film.pictures(30)[0]
    assert eye.look([]) is None
    assert eye.look([Packet(1, 0, 1, b"\x67junk"), Packet(2, 0, 1, b"\x00")]) is None
    units = [Packet(at, 0, 0, b"\x7c\x85" + whole[at * 500 : at * 500 + 500]) for at in range(3)]
    assert eye.look(units) is None
    assert Ear().listen([]) is None
    assert Ear().listen([b"", b"\xff" * 9]) is None
