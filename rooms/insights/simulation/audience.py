"""What the viewers of one run share: the room, the pace, the figures, the word to stop."""

import asyncio
from collections import OrderedDict
from time import perf_counter
from typing import Any

from rooms.insights.simulation.figures import Figures
from rooms.insights.simulation.room import Room
from rooms.insights.simulation.shopfront import Site

# So many viewers read everything that the room is told, which shows how long a line takes to others' screens; the rest count frames.
MOST_EARS = 20
MOST_SAID = 5_000


class Audience:
    """`speed`: seconds of the story in a second. Needs: an event loop; `begin` before the first viewer comes."""

    def __init__(self, site: Site, room: Room, *, seed: int, speed: float, is_counted: bool, source: str) -> None:
        self.site = site
        self.room = room
        self.seed = seed
        self.speed = speed
        self.is_counted = is_counted
        self.source = source
        self.figures = Figures()
        self._stopping = asyncio.Event()
        self._began_at = perf_counter()
        self._ears = 0
        self._said: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._seqs: dict[str, int] = {}

    def begin(self) -> None:
        self._began_at = perf_counter()

    def stop(self) -> None:
        """Everybody leaves now, as people do: with their last events."""
        self._stopping.set()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def story_s(self) -> float:
        """Seconds of the story since the beginning."""
        return (perf_counter() - self._began_at) * self.speed

    async def reach(self, at_s: float) -> bool:
        """Wait until the story has come so far. False: it is over before."""
        if self._stopping.is_set():
            return False
        wait_s = (at_s - self.story_s()) / self.speed
        if wait_s <= 0:
            return True
        try:
            async with asyncio.timeout(wait_s):
                await self._stopping.wait()
        except TimeoutError:
            return True
        return False

    def wants_ears(self) -> bool:
        self._ears += 1
        return self._ears <= MOST_EARS

    def seq_of(self, episode_id: str) -> int:
        """The program's entry that shows the episode, as far as it was announced; else the one that was on air at the beginning."""
        return self._seqs.get(episode_id, self.room.program_seq)

    def note_said(self, viewer_id: str, text: str) -> None:
        self._said[viewer_id, text] = perf_counter()
        if len(self._said) > MOST_SAID:
            self._said.popitem(last=False)

    def hear(self, frame: dict[str, Any]) -> None:
        kind = frame["k"]
        if kind == "tick":
            for message in frame["m"]:
                self._hear_lossy(message)
        elif kind == "program" and frame["entry"]["source"]["id"]:
            self._seqs[frame["entry"]["source"]["id"]] = frame["entry"]["seq"]

    def _hear_lossy(self, message: dict[str, Any]) -> None:
        self.figures.heard[message["k"]] += 1
        said_at = self._said.get((message.get("author", ""), message.get("text", "")))
        if said_at is not None:
            self.figures.note_time("line_to_screen", (perf_counter() - said_at) * 1000)
