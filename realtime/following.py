"""Keeps one audience in step with its stream.

The stream in Valkey is the truth and pub/sub only its bell: whenever a number does not follow the last one, or the epoch is
another, the stream is read.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from redis.exceptions import RedisError

from realtime.audience import Audience, Seat
from realtime.stream import Head, Streams

log = structlog.get_logger(__name__)

PAUSES_S = (0.05, 0.2, 0.5, 1.0)

Spawn = Callable[[Coroutine[Any, Any, Any]], "asyncio.Task[Any]"]


class Following:
    """Appends to `audience` what the stream says; `on_news` is called then, `on_restart` with the seats that must start over."""

    __slots__ = ("_on_news", "_on_restart", "_seen", "_spawn", "_streams", "_syncing", "audience", "is_suspect")

    def __init__(
        self, audience: Audience, streams: Streams, *, spawn: Spawn, on_news: Callable[[], None], on_restart: Callable[[list[Seat]], None]
    ) -> None:
        self.audience = audience
        self.is_suspect = False
        self._streams = streams
        self._spawn = spawn
        self._on_news = on_news
        self._on_restart = on_restart
        self._seen: Head | None = None
        self._syncing: asyncio.Task[None] | None = None

    def hear(self, heard: Head, payload: bytes) -> None:
        """A message was announced."""
        audience = self.audience
        if self._is_syncing:
            self._seen = heard
        elif audience.head is None or (heard.epoch == audience.head.epoch and heard.seq <= audience.head.seq):
            return
        elif audience.head == (heard.epoch, heard.seq - 1):
            audience.append(heard.seq, payload)
            self._on_news()
        else:
            self._spawn(self._insist())

    async def sync(self) -> None:
        """Read the stream up to where it stands; concurrent callers wait for the same reading. Raises: RedisError."""
        if self._syncing is None or self._syncing.done():
            self._syncing = self._spawn(self._read())
        await asyncio.shield(self._syncing)

    def stop(self) -> None:
        if self._syncing is not None:
            self._syncing.cancel()

    @property
    def _is_syncing(self) -> bool:
        return self._syncing is not None and not self._syncing.done()

    async def _insist(self) -> None:
        for pause_s in PAUSES_S:
            try:
                await self.sync()
                return
            except (RedisError, OSError) as error:
                log.warning("gap_not_filled_yet", topic=self.audience.topic.key, reason=str(error))
                await asyncio.sleep(pause_s)

    async def _read(self) -> None:
        audience = self.audience
        while True:
            self._seen = None  # what was announced before is in the stream that is read now
            is_suspect, self.is_suspect = self.is_suspect, False
            known = audience.head
            head = await self._streams.head(audience.topic)
            if known is not None and head.epoch == known.epoch and (is_suspect or head.seq < known.seq):
                # Valkey lost acknowledged messages and may give their numbers out again.
                head = await self._streams.renew(audience.topic, known.epoch)
            if known is None:
                audience.restart(head)
            elif head.epoch != known.epoch or not await self._fill(head):
                log.info("stream_restarted", topic=audience.topic.key, epoch=head.epoch, seq=head.seq)
                self._on_restart(audience.restart(head))
            if not self.is_suspect and (self._seen is None or (self._seen.epoch == head.epoch and self._seen.seq <= audience.seq)):
                return

    async def _fill(self, head: Head) -> bool:
        """Append what the stream holds up to `head`. False when the stream no longer reaches back to where we are."""
        audience = self.audience
        while audience.seq < head.seq:
            entries = await self._streams.read_after(audience.topic, audience.seq)
            if not entries or entries[0].seq != audience.seq + 1:
                return False
            for seq, payload in entries:
                audience.append(seq, payload)
            self._on_news()
        return True
