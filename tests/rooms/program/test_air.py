"""The way to Valkey that a process's threads share."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis

from rooms.program import air


def test_threads_that_come_at_once_share_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second one would replace the first, whose connections close with it while a thread still waits for its answer."""
    make, made, together = redis.Redis.from_url, [], threading.Barrier(8)

    def slowly(*args: Any, **options: Any) -> Any:
        time.sleep(0.05)
        made.append(make(*args, **options))
        return made[-1]

    def ask(_number: int) -> bool:
        together.wait()
        return bool(air.client().ping())

    monkeypatch.setattr(air, "_sync_clients", {})
    monkeypatch.setattr(redis.Redis, "from_url", slowly)
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(8)))
    assert len(made) == 1
