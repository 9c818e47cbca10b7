"""What is said to Valkey while a story runs: every key and every channel, those inside Lua scripts too."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import redis
from django.conf import settings
from redis.exceptions import ResponseError

_LINE = re.compile(r"^\+?\d+\.\d+ \[(\d+) ([^\]]*)\] (.*)$")
_ARGUMENT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_CHANNELS = {"PUBLISH": slice(1, 2), "SPUBLISH": slice(1, 2), "SUBSCRIBE": slice(1, None), "SSUBSCRIBE": slice(1, None), "PSUBSCRIBE": slice(1, None)}
# Scripts name their keys, and the commands inside them appear by themselves.
_SCRIPTS = frozenset({"EVAL", "EVALSHA", "SCRIPT", "FCALL"})
_LAST = "end of the story"
LONGEST_TEST_S = 60


@dataclass
class Said:
    """Names that were used, each with the command that used it first."""

    names: dict[str, str] = field(default_factory=dict)


@contextmanager
def overheard() -> Iterator[Said]:
    """Listen (MONITOR) to this worker's database number for the block; the names are there once it has ended."""
    said, lines = Said(), []
    client = redis.Redis.from_url(settings.VALKEY_URL, socket_timeout=None)  # nothing may be said for longer than the client's five seconds
    connection = client.connection_pool.get_connection()
    connection.send_command("MONITOR")
    connection.read_response()
    number = str(client.connection_pool.connection_kwargs.get("db", 0))
    thread = threading.Thread(target=_listen, args=(connection, number, lines), daemon=True)
    thread.start()
    try:
        yield said
    finally:
        client.echo(_LAST)
        thread.join(10)
        connection.disconnect()
    for command in lines:
        for name in _names_of(client, command):
            said.names.setdefault(name, command[0])
    client.close()


def _listen(connection: Any, number: str, lines: list[list[str]]) -> None:
    while True:
        found = _LINE.match(connection.read_response().decode("utf-8", "replace"))
        if found is None:
            continue
        command = _ARGUMENT.findall(found[3])
        if command[:2] == ["ECHO", _LAST]:
            return
        if found[1] == number:
            lines.append(command)


def _names_of(client: redis.Redis, command: list[str]) -> list[str]:
    name = command[0].upper()
    if name in _CHANNELS:
        return command[_CHANNELS[name]]
    if name in _SCRIPTS:
        return []
    try:
        found: Any = client.execute_command("COMMAND GETKEYS", *command)
    except ResponseError:  # a command without keys
        return []
    return [key if isinstance(key, str) else key.decode() for key in found]  # redis-py repeats what it was given for some commands


def dump_of(schema: str) -> dict[bytes, Any]:
    """The values of a shop's keys, to see that they stay as they are. How many sockets are open is written and forgotten by the
    clock, whatever is done meanwhile; what else would be forgotten while a test compares is kept for as long as that takes."""
    client = redis.Redis.from_url(settings.VALKEY_URL)
    kept = {}
    for key in client.scan_iter(f"{schema}:*", count=1000):
        if not key.endswith(b":presence"):
            if 0 <= client.ttl(key) < LONGEST_TEST_S:
                client.expire(key, LONGEST_TEST_S)
            kept[key] = client.dump(key)
    client.close()
    return kept
