"""The streams, for synchronous code: stories, tasks, commands. Raises Unreachable when Valkey does not answer in time."""

import threading
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import RedisError
from redis.retry import Retry

from realtime.errors import Unreachable
from realtime.stream import APPEND, OPEN, Head, append_call, new_epoch
from realtime.topics import Topic

RETRY_AFTER_S = 2


@dataclass(frozen=True, slots=True)
class _Line:
    client: redis.Redis
    append: Script


_lock = threading.Lock()
_lines: dict[str, _Line] = {}


def append(topic: Topic, payload: bytes, *, once: str = "") -> int:
    """Append an encoded message; returns its number. `once` names it: repeated within an hour, it is not said again."""
    call = append_call(topic, payload, once=once)
    try:
        return int(_line().append(keys=call.keys, args=call.args))  # type: ignore[call-overload]  # redis-py's union with awaitables
    except RedisError as error:
        raise Unreachable(retry_after_s=RETRY_AFTER_S) from error


def announce(topic: Topic, data: bytes) -> None:
    """Pub/sub alone, for what may get lost."""
    try:
        _line().client.publish(topic.channel, data)
    except RedisError as error:
        raise Unreachable(retry_after_s=RETRY_AFTER_S) from error


def read_head(topic: Topic) -> Head:
    """Where the stream stands; a stream without messages gets its epoch here."""
    try:
        found: Any = _line().client.eval(OPEN, 1, topic.head_key, new_epoch(), str(topic.lifetime_s))
    except RedisError as error:
        raise Unreachable(retry_after_s=RETRY_AFTER_S) from error
    epoch, seq = found
    return Head(epoch.decode(), int(seq or 0))


def _line() -> _Line:
    """One client for each address and process; its pool serves all threads."""
    with _lock:
        url = settings.VALKEY_URL
        if url not in _lines:
            client = redis.Redis.from_url(url, protocol=2, retry=Retry(NoBackoff(), 0), socket_timeout=2, socket_connect_timeout=2)
            _lines[url] = _Line(client, client.register_script(APPEND))
        return _lines[url]
