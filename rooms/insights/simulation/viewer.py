"""One viewer, who carries out their plan at the room's public doors."""

import asyncio
import random
from contextlib import suppress
from time import perf_counter
from typing import Any

from rooms.insights.simulation.audience import Audience
from rooms.insights.simulation.behaviour import HEARTBEAT_S, Act, Step, Visit
from rooms.insights.simulation.checkout import buy
from rooms.insights.simulation.events import EventLog
from rooms.insights.simulation.figures import Refused
from rooms.insights.simulation.line import Line
from rooms.insights.simulation.shopfront import Browser

# Acts that are an event and nothing else.
TOLD = {Act.ENTER, Act.PLAY, Act.HEARTBEAT, Act.SHOWN, Act.DISMISS, Act.TAP, Act.BAG}


class Viewer:
    """Needs: an event loop. What the shop refuses is counted, and the visit goes on; without a page there is none."""

    def __init__(self, audience: Audience, visit: Visit) -> None:
        self._audience = audience
        self._figures = audience.figures
        self._visit = visit
        self._rng = random.Random(f"{audience.seed} {visit.number} ids")
        self._line: Line | None = None
        self._buying: set[asyncio.Task[None]] = set()
        self._told_s = 0.0

    async def attend(self) -> None:
        if not await self._audience.reach(self._visit.arrives_s):
            return
        self._browser = Browser(self._audience.site, is_counted=self._audience.is_counted)
        try:
            with suppress(Refused):
                await self._come_in()
        finally:
            await self._browser.close()

    async def _come_in(self) -> None:
        slug = self._audience.room.slug
        with self._figures.timed("page"):
            page = await self._browser.open_page(f"rooms/{slug}/")
        with self._figures.present():
            await self._stay(page)

    async def _stay(self, page: dict[str, Any]) -> None:
        came_at = perf_counter()
        self._log = EventLog(
            now_ms=lambda: page["server_ms"] + int((perf_counter() - came_at) * 1000),
            rng=self._rng,
            is_measured=page["measure"]["events"] is not None,
        )
        self._id: str = page["viewer"]["id"]
        try:
            await self._watch(page["socket"])
        except Refused as refusal:  # of the socket: the picture plays on without it
            self._figures.refused[f"socket {refusal.code}"] += 1
            await self._carry_out()

    async def _watch(self, door: dict[str, Any]) -> None:
        cursor = door["cursor"] or {}
        query = {"ticket": door["ticket"], **({"epoch": cursor["epoch"], "since": str(cursor["seq"])} if cursor else {})}
        begin = perf_counter()
        async with self._browser.open_socket(door["path"], query) as socket:
            is_close = self._audience.wants_ears()
            self._line = Line(socket, self._figures, on_frame=self._audience.hear, is_close=is_close, since=cursor.get("seq"))
            try:
                await self._line.wait_ready()
                self._figures.note_time("socket", (perf_counter() - begin) * 1000)
                await self._carry_out()
            finally:
                await self._line.close()
                self._line = None

    async def _carry_out(self) -> None:
        """Every step at its time. Who is told to stop leaves where they stand."""
        for step in self._visit.steps:
            if not await self._audience.reach(self._visit.arrives_s + step.at_s):
                step = self._exit_now()
            await self._do(step)
            if step.act == Act.EXIT:
                return
            if self._log.is_due:
                await self._flush()

    def _exit_now(self) -> Step:
        at_s = min(self._visit.watched_s, max(0.0, self._audience.story_s() - self._visit.arrives_s))
        return Step(at_s, Act.EXIT, watched_s=min(HEARTBEAT_S, max(0.0, at_s - self._told_s)))

    async def _do(self, step: Step) -> None:
        place = self._place(step)
        self._told_s += step.watched_s
        if step.act in TOLD:
            self._figures.done[step.act] += 1
            self._log.add(step.act, **self._fields(step), **place)
        elif step.act == Act.LINE:
            await self._say(step, place)
        elif step.act == Act.LIKE:
            await self._like(step, place)
        elif step.act == Act.BUY:
            self._begin_to_buy(step, place)
        else:
            await self._leave(step, place)

    def _place(self, step: Step) -> dict[str, Any]:
        room = self._audience.room
        part, position_ms = room.story.locate(self._visit.from_s + step.at_s)
        return {"program_seq": self._audience.seq_of(part.episode_id), "position_ms": position_ms, "episode_id": part.episode_id}

    def _fields(self, step: Step) -> dict[str, Any]:
        if step.cue is not None:
            return {"product_id": step.cue.product_id, "cue_id": step.cue.id}
        if step.act == Act.ENTER:
            return {"surface": "room", "source": self._audience.source}
        if step.act == Act.PLAY:
            return {"after_ms": round(step.at_s * 1000)}
        return {"watched_ms": round(step.watched_s * 1000)}

    async def _say(self, step: Step, place: dict[str, Any]) -> None:
        if self._line is None:
            return
        self._audience.note_said(self._id, step.text)
        with suppress(Refused), self._figures.timed("line"):
            await self._line.ask("danmaku", text=step.text)
            self._figures.done[step.act] += 1
            self._log.add(step.act, **place)

    async def _like(self, step: Step, place: dict[str, Any]) -> None:
        if self._line is None:
            return
        with suppress(Refused), self._figures.timed("likes"):
            await self._line.ask("likes", count=step.count)
            self._figures.done[step.act] += step.count
            self._log.add(step.act, count=step.count, **place)

    def _begin_to_buy(self, step: Step, place: dict[str, Any]) -> None:
        """The picture plays on meanwhile."""
        assert step.cue is not None
        variant_id = self._audience.room.variants.get(step.cue.product_id)
        if variant_id is None:
            self._figures.refused["buy sold_out"] += 1
            return
        task = asyncio.create_task(self._buy(step, variant_id, {name: place[name] for name in ("program_seq", "position_ms")}))
        self._buying.add(task)
        task.add_done_callback(self._buying.discard)

    async def _buy(self, step: Step, variant_id: str, moment: dict[str, Any]) -> None:
        assert step.cue is not None
        with suppress(Refused):
            await buy(
                self._browser,
                self._figures,
                slug=self._audience.room.slug,
                variant_id=variant_id,
                number=self._visit.number,
                moment=moment | {"cue_id": step.cue.id},
                client_key=f"simulated-{self._rng.getrandbits(96):024x}",
                is_declined_first=step.is_declined_first,
            )

    async def _leave(self, step: Step, place: dict[str, Any]) -> None:
        """Orders that are under way are waited for: their answers are a part of what is measured."""
        self._figures.done[Act.EXIT] += 1
        self._log.add(Act.EXIT, watched_ms=round(step.watched_s * 1000), **place)
        await asyncio.gather(*self._buying)
        self._figures.done["events"] += await self._log.flush_all(self._send_by_http)

    async def _flush(self) -> None:
        send = self._send_by_socket if self._line is not None else self._send_by_http
        self._figures.done["events"] += await self._log.flush(send)

    async def _send_by_socket(self, batch: dict[str, Any]) -> None:
        assert self._line is not None
        with self._figures.timed("events"):
            await self._line.ask("events", **batch)

    async def _send_by_http(self, batch: dict[str, Any]) -> None:
        with self._figures.timed("events_http"):
            await self._browser.post(f"api/v1/rooms/{self._audience.room.slug}/events", batch)
