"""Looks after the host's lines of a node: twice a second, one publisher after the other, in a thread of its own.

Viewers' packets pass undecoded; this decodes a copy of a publisher's newest keyframe, and more only when it looks like the one
before. Who is late with it looks less often: nothing waits in a queue.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog

from realtime.rtc.inspection.senses import Ear, Eye, Glimpse
from realtime.rtc.inspection.symptoms import Symptoms
from realtime.rtc.names import HOST_LINE
from realtime.rtc.node import Node
from realtime.rtc.packets import Packet
from realtime.rtc.stage import Source

log = structlog.get_logger(__name__)

LOOK_S = 0.5


class Inspector:
    """Needs: the node's event loop."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._patients: dict[str, _Patient] = {}
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="inspection")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._executor.shutdown(wait=False)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            sources = [source for room in self._node.rooms for source in self._node.stage(room).lines[HOST_LINE].sources if source.has_video]
            self._patients = {source.peer_id: self._patients.get(source.peer_id) or _Patient(source) for source in sources}
            for patient in list(self._patients.values()):
                try:
                    await patient.examine(self._executor, now=self._node.clock())
                except Exception:  # a defect here costs this publisher its alarms, not the others theirs
                    log.exception("inspection_failed")


class _Patient:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._eye, self._ear = Eye(), Ear()
        self._symptoms = Symptoms()
        self._seen: int | None = None

    async def examine(self, executor: ThreadPoolExecutor, *, now: float) -> None:
        source, symptoms = self._source, self._symptoms
        keyframe, is_suspect = source.gop.begins_with, symptoms.is_suspect(now=now)
        packets = source.gop.arrived() if keyframe is not None and (is_suspect or keyframe != self._seen) else []
        sounds = list(source.sounds)
        source.sounds.clear()
        if packets or sounds:
            loop = asyncio.get_running_loop()
            glimpse, peak = await loop.run_in_executor(executor, self._sense, packets, sounds, is_suspect)
            if glimpse is not None:
                self._seen = keyframe
                source.size = glimpse.width, glimpse.height
                symptoms.see(glimpse.cells, now=now)
            if peak is not None:
                symptoms.hear(peak, now=now)
        if not sounds:
            symptoms.hear(0.0, now=now)
        source.troubles = {str(trouble): since for trouble, since in symptoms.troubles(now=now).items()}

    def _sense(self, packets: Sequence[Packet], sounds: Sequence[bytes], is_to_the_end: bool) -> tuple[Glimpse | None, float | None]:
        return (self._eye.look(packets, is_to_the_end=is_to_the_end) if packets else None), self._ear.listen(sounds)
