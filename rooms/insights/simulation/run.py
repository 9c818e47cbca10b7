"""A run: read the room, plan the audience, let it come, report."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from rooms.insights.simulation.audience import Audience
from rooms.insights.simulation.behaviour import Crowd, Visit, plan_visits
from rooms.insights.simulation.figures import Refused
from rooms.insights.simulation.room import Room, read_room
from rooms.insights.simulation.shopfront import Browser, Site, open_site
from rooms.insights.simulation.totals import count_plan
from rooms.insights.simulation.truth import Truth, plant
from rooms.insights.simulation.viewer import Viewer

MOST_VIEWERS = 5_000
PROGRESS_S = 2.0
# After the word to stop, answers that are under way are waited for so long.
GRACE_S = 30.0


@dataclass(frozen=True)
class Wish:
    """`arrivals_s`: within so many seconds of the story all have come. `duration_s`: real seconds after which all leave; None: the plan's end.

    `buys`: of those who tap a card, the share that pays; None leaves it to the seed's truth. `source`: `utm_source` of the visits.
    """

    url: str
    slug: str
    count: int
    seed: int = 1
    speed: float = 1.0
    arrivals_s: float = 30.0
    duration_s: float | None = None
    buys: float | None = None
    most_requests: int = 50
    is_counted: bool = True
    source: str = "simulated"


@dataclass(frozen=True)
class Plan:
    room: Room
    truth: Truth
    visits: list[Visit]


def make_plan(room: Room, wish: Wish) -> Plan:
    truth = plant(room.story, seed=wish.seed, buys=wish.buys)
    crowd = Crowd(wish.count, wish.arrivals_s, room.begins_at_s, room.is_looping)
    return Plan(room, truth, plan_visits(room.story, truth, crowd, seed=wish.seed))


class Run:
    """Needs: an event loop. `stop` ends it cleanly at any time."""

    def __init__(self, wish: Wish, *, tell: Callable[[str], None]) -> None:
        self._wish = wish
        self._tell = tell
        self._audience: Audience | None = None
        self._is_stopped = False

    def stop(self) -> None:
        self._is_stopped = True
        if self._audience is not None:
            self._audience.stop()

    async def plan(self) -> Plan:
        """Only look and decide. Raises: Refused."""
        async with open_site(self._wish.url, most_requests=self._wish.most_requests) as site:
            return await self._plan(site)

    async def carry_out(self) -> dict[str, Any]:
        """The report. Raises: Refused when there is no room to enter, or it shows no episode."""
        wish = self._wish
        async with open_site(wish.url, most_requests=wish.most_requests) as site:
            plan = await self._plan(site)
            self._audience = Audience(site, plan.room, seed=wish.seed, speed=wish.speed, is_counted=wish.is_counted, source=wish.source)
            if self._is_stopped:
                self._audience.stop()
            began_at = perf_counter()
            self._audience.begin()
            await self._attend(self._audience, plan.visits)
            return self._report(plan, self._audience, perf_counter() - began_at)

    async def _plan(self, site: Site) -> Plan:
        browser = Browser(site, is_counted=False)
        try:
            return make_plan(await read_room(browser, self._wish.slug), self._wish)
        finally:
            await browser.close()

    async def _attend(self, audience: Audience, visits: list[Visit]) -> None:
        viewers = [asyncio.create_task(Viewer(audience, visit).attend()) for visit in visits]
        telling = asyncio.create_task(self._tell_progress(audience, len(visits)))
        try:
            _, late = await asyncio.wait(viewers, timeout=self._wish.duration_s) if viewers else (set(), set())
            if late:
                audience.stop()
                _, late = await asyncio.wait(late, timeout=GRACE_S)
            for task in late:
                task.cancel()
            for result in await asyncio.gather(*viewers, return_exceptions=True):
                if isinstance(result, asyncio.CancelledError):
                    audience.figures.refused["viewer too_slow"] += 1
                elif isinstance(result, BaseException):
                    raise result
        finally:
            telling.cancel()

    async def _tell_progress(self, audience: Audience, planned: int) -> None:
        while True:
            await asyncio.sleep(PROGRESS_S)
            done = audience.figures.done
            refused = audience.figures.refused.total()
            self._tell(
                f"{audience.story_s():7.0f} s: {done['arrived']}/{planned} came, {done['left']} left, {done['danmaku']} lines,"
                f" {done['cue.clicked']} taps, {done['paid']} paid, {refused} refused"
            )

    def _report(self, plan: Plan, audience: Audience, took_s: float) -> dict[str, Any]:
        wish = self._wish
        return {
            "room": wish.slug,
            "seed": wish.seed,
            "speed": wish.speed,
            "viewers": len(plan.visits),
            "took_s": round(took_s, 1),
            "is_complete": not audience.is_stopping,
            "truth": plan.truth.as_json(),
            "planned": count_plan(plan.room.story, plan.visits).as_json(),
            **audience.figures.as_json(),
        }


__all__ = ["MOST_VIEWERS", "Plan", "Refused", "Run", "Wish", "make_plan"]
