"""What each event loop has one of: a client, a tally, a table of who listens; and what goes on beside it. Tests run many loops, a process one."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, Self, TypeVar
from weakref import WeakKeyDictionary

Part = TypeVar("Part")


class PerLoop(Generic[Part]):
    """`tally = PerLoop(Tally)`: `tally()` is the running loop's, made at the first call."""

    def __init__(self, make: Callable[[], Part]) -> None:
        self._make = make
        self._parts: WeakKeyDictionary[asyncio.AbstractEventLoop, Part] = WeakKeyDictionary()

    def __call__(self) -> Part:
        loop = asyncio.get_running_loop()
        part = self._parts.get(loop)
        if part is None:
            part = self._parts[loop] = self._make()
        return part

    def find(self) -> Part | None:
        """None: nobody has asked for it on this loop."""
        return self._parts.get(asyncio.get_running_loop())

    def take(self) -> Part | None:
        """It is the caller's to end; the next call makes another."""
        return self._parts.pop(asyncio.get_running_loop(), None)


class Beside(ABC):
    """Work that goes on beside a process's sockets until `close`. Needs: `start` on the event loop that serves them."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def start(self) -> Self:
        self._task = asyncio.get_running_loop().create_task(self._run())
        return self

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @abstractmethod
    async def _run(self) -> None:
        """Until it is cancelled."""
