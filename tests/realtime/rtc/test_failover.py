"""Primary and backup: who is on air, when that changes, and what viewers see of it."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from config.embedded.processes import die_with_parent
from realtime.rtc.engine import Description
from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.failover import Patience, choose
from realtime.rtc.names import Role
from realtime.rtc.packets import Packet
from realtime.rtc.stage import Event, Source, Stage
from tests.realtime.rtc.conftest import ROOM, Cast
from tests.realtime.rtc.film import Film
from tests.realtime.rtc.peers import until

PATIENCE = Patience(silence_s=0.3, stable_s=1.0)
# Threshold, one turn of the node's clock, and a viewer that decodes the replay on a machine with other work.
BOUND_S = 0.7
ROOT_FOLDER = Path(__file__).resolve().parents[3]
KEYFRAME, PICTURE = b"\x67key", b"\x41picture"


@dataclass
class Heard:
    """A candidate as `choose` sees it."""

    priority: int
    last_at: float | None
    steady_since: float | None


candidates = st.builds(Heard, priority=st.integers(0, 3), last_at=st.none() | st.floats(0, 10), steady_since=st.none() | st.floats(0, 10))


@given(sources=st.lists(candidates, max_size=4), active=st.integers(-1, 3), now=st.floats(0, 12))
def test_a_silent_source_never_takes_over(sources: list[Heard], active: int, now: float) -> None:
    """Whoever is chosen lives, unless nobody does; a living source is only left for a better one."""
    held = sources[active] if 0 <= active < len(sources) else None
    chosen, is_urgent = choose(sources, held, now=now, patience=PATIENCE, opened_at=0.0)
    living = [source for source in sources if source.last_at is not None and now - source.last_at <= PATIENCE.silence_s]
    if not living:
        assert chosen is held
    else:
        assert chosen in living
    if chosen is not held and held in living:
        assert chosen is not None
        assert held is not None
        assert chosen.priority < held.priority
        assert not is_urgent


def test_first_packets_do_not_decide() -> None:
    """A backup that came a moment before the primary hands over at once; later a primary must prove itself."""
    primary, backup = Heard(0, 2.0, 2.0), Heard(1, 2.0, 0.0)
    assert choose([backup, primary], backup, now=2.0, patience=PATIENCE, opened_at=1.9) == (primary, False)
    assert choose([backup, primary], backup, now=2.0, patience=PATIENCE, opened_at=0.0) == (backup, False)
    primary.steady_since = 1.0
    assert choose([backup, primary], backup, now=2.0, patience=PATIENCE, opened_at=0.0) == (primary, False)


class Show:
    """A stage with publishers of the test, on the test's clock."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []
        self.now = 100.0
        self.stage = Stage(ROOM, patience=PATIENCE, now=self.now, on_event=self._note)
        self.numbers: dict[str, int] = {}

    def _note(self, event: Event) -> None:
        self.events.append((event.kind, event.role))

    def add(self, role: Role) -> Source:
        source = Source(peer_id=role, role=role, name="", kinds=("video",))
        self.stage.add_source(source, now=self.now)
        return source

    def run(self, seconds: float, *speaking: Source, keyframe_every: int = 30) -> None:
        for _ in range(round(seconds * 30)):
            self.now += 1 / 30
            for source in speaking:
                number = self.numbers[source.peer_id] = self.numbers.get(source.peer_id, -1) + 1
                payload = KEYFRAME if number % keyframe_every == 0 else PICTURE
                self.stage.hear(source, "video", Packet(number & 0xFFFF, number * 3000, 1, payload), now=self.now)
            self.stage.tick(now=self.now)

    @property
    def on_air(self) -> str:
        active = self.stage.line("host").active
        return active.role if active is not None else ""


def test_a_line_goes_to_the_backup_and_comes_back_when_the_primary_is_steady() -> None:
    """Within the threshold of silence; back only after a second without a pause, at a keyframe; each change is told."""
    show = Show()
    primary, backup = show.add("primary"), show.add("backup")
    show.run(2, primary, backup)
    assert show.on_air == "primary"
    show.run(0.4, backup)
    assert show.on_air == "backup"
    for _ in range(3):  # an unsteady primary stays off
        show.run(0.5, primary, backup)
        show.run(0.5, backup)
    assert show.on_air == "backup"
    show.run(0.9, primary, backup)
    assert show.on_air == "backup"
    show.run(1.3, primary, backup)
    assert show.on_air == "primary"
    assert [event for event in show.events if event[0] == "on_air"] == [("on_air", "primary"), ("on_air", "backup"), ("on_air", "primary")]


def test_a_room_without_anybody_is_told_once() -> None:
    """Silence is an event when it begins, so that a fault scene can be shown; the first source that returns is on air."""
    show = Show()
    primary = show.add("primary")
    show.run(1, primary)
    show.run(2)
    assert [kind for kind, _ in show.events] == ["joined", "on_air", "heard", "silent"]
    assert show.on_air == "primary"
    show.run(1, primary)
    show.run(1)
    assert [kind for kind, _ in show.events][4:] == ["heard", "silent"]


def test_a_person_may_choose_and_failover_still_works() -> None:
    """A preferred backup goes on air at its next keyframe, is left when it falls silent, and automatic order can be restored."""
    show = Show()
    primary, backup = show.add("primary"), show.add("backup")
    show.run(2, primary, backup)
    show.stage.prefer("backup")
    show.run(1.1, primary, backup)
    assert show.on_air == "backup"
    show.run(0.5, primary)
    assert show.on_air == "primary"
    show.stage.prefer(None)
    show.run(3, primary, backup)
    assert show.on_air == "primary"


def test_a_departed_primary_is_replaced_without_waiting() -> None:
    """Its connection ended, which says more than silence: the backup is on air at the next tick."""
    show = Show()
    primary, backup = show.add("primary"), show.add("backup")
    show.run(2.5, primary, backup)
    show.stage.remove_source(primary)
    show.stage.tick(now=show.now)
    assert show.on_air == "backup"


def test_a_departed_publisher_is_not_heard() -> None:
    """Packets that still come while its connection closes reach nobody, and a guest's line is gone."""
    show = Show()
    guest = show.add("guest")
    show.run(0.5, guest)
    show.stage.remove_source(guest)
    show.run(0.5, guest)
    assert list(show.stage.lines) == ["host"]
    assert show.events[-1] == ("left", "guest")


@asynccontextmanager
async def publishing_process(engine: AiortcEngine, role: Role) -> AsyncIterator[asyncio.subprocess.Process]:
    """A publisher in a process of its own, for killing."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.realtime.rtc.publisher",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT_FOLDER,
        preexec_fn=die_with_parent(),
        limit=1 << 17,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        offer = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
        answer: Description = await engine.publish(ROOM, offer=offer["sdp"], role=role)
        process.stdin.write(json.dumps({"peer_id": answer.peer_id, "sdp": answer.sdp}).encode() + b"\n")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await asyncio.wait_for(process.wait(), 10)


async def test_viewers_see_the_backup_after_the_primary_was_killed(cast: Cast) -> None:
    """kill -9: the picture stands still for the threshold and little more, on the connection that is there; the primary that
    comes back is shown once it is steady, without a gap."""
    engine = await cast.room(patience=PATIENCE)
    await engine.create_room(ROOM)
    async with publishing_process(engine, "primary") as primary:
        await until(lambda: engine.node.stage(ROOM).line("host").active, what="the primary on air")
        await cast.publisher().publish(engine, ROOM, Film(is_bright=False), role="backup")
        viewer = await cast.viewer().watch(engine, ROOM, "video")
        await viewer.sees(40)
        assert viewer.pictures[0][-1][2]
        await until(lambda: len(engine.node.stage(ROOM).sources[1].gop) > 3, what="the backup's pictures")
        killed_at = time.monotonic()
        primary.kill()
        await until(lambda: not viewer.pictures[0][-1][2], what="the backup's picture")
        await viewer.sees(15)
    gap_s = viewer.longest_gap_s(since=killed_at)
    assert PATIENCE.silence_s <= gap_s + 0.05
    assert gap_s <= PATIENCE.silence_s + BOUND_S
    returned_at = time.monotonic()
    await cast.publisher().publish(engine, ROOM, Film())
    await until(lambda: viewer.pictures[0][-1][2], what="the primary's return")
    assert time.monotonic() - returned_at >= PATIENCE.stable_s
    await viewer.sees(10)
    assert viewer.longest_gap_s(since=returned_at) < 1.5


async def test_a_room_chooses_by_hand(cast: Cast) -> None:
    """The host's desk puts the backup on air while the primary lives, and takes it back."""
    engine = await cast.room(patience=PATIENCE)
    await cast.publisher().publish(engine, ROOM, Film())
    backup = await cast.publisher().publish(engine, ROOM, Film(is_bright=False), role="backup")
    viewer = await cast.viewer().watch(engine, ROOM, "video")
    await viewer.sees(5)
    await engine.switch_source(ROOM, backup.peer_id)
    await until(lambda: not viewer.pictures[0][-1][2], what="the backup by choice")
    await engine.switch_source(ROOM, None)
    await until(lambda: viewer.pictures[0][-1][2], what="the primary again")
