"""Fan-out: our exchange beside Channels, Socket.IO, `ws` and a bare loop, on the same messages and the same clients.

Compared are deliveries per second of the server's CPU: wall rates suffer from whatever else the machine does. Per-message
rows use the lossless class (viewer -> server -> Valkey's stream -> every viewer); the peers keep everything in memory,
Channels aside. Sockets talk over the loopback, which charges the receiver's work to the sender.
"""

import asyncio
import hashlib
import hmac
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import uvloop

from config.embedded.processes import free_port, start, stop, wait_for_port
from tests.load.fanout_client import CannotMeasure, Crowd, Dialect, cpu_s, json_note, resident_kb
from tests.load.report import median, print_row

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "tests" / "load" / "peers"
CACHE = ROOT / ".cache" / "fanout-peers"
KEY = os.environ["SECRET_KEY"]
HOST = "aurora.localhost"

SOCKETS, MANY, STORM = 1_000, 5_000, 1_500
WINDOW, WARM_S, SATURATED_S, PACED_S, ROUNDS = 4, 0.7, 2.5, 4.0, 2
P99_MS, P99_MANY_MS, SOCKET_KB = 100.0, 150.0, 30.0


@dataclass(frozen=True)
class Server:
    """A program under test, and how its clients speak."""

    name: str
    command: Callable[[int], list[str]]
    dialect: Callable[[], Dialect]


@dataclass(frozen=True)
class Figures:
    """What one crowd measured."""

    per_cpu_s: float
    per_s: float
    accepted_per_s: float
    socket_kb: float
    p99_ms: float


def main() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    import django

    django.setup()
    ours, channels, limit = exchange(), channels_core(), bare_loop()
    mine = [measure(ours, SOCKETS, is_paced=True)]
    compare(mine, ours, channels, row="fanout/channels", goal=">= 30", is_slow=True)
    socketio, ws = node_peers()
    compare(mine, ours, socketio, row="fanout/socketio", goal=">= 1.2")
    compare(mine, ours, ws, row="fanout/ws", goal=">= 1.2")
    compare(mine, ours, limit, row="fanout/limit", goal=">= 0.7")
    storm(ours, socketio)
    print_row("fanout/p99", ours=mine[0].p99_ms, unit="ms", peer="goal", peers=P99_MS, goal="<= 1.0")
    many = measure(ours, MANY, is_paced=True)
    print_row("fanout/p99-5000", ours=many.p99_ms, unit="ms", peer="goal", peers=P99_MANY_MS, goal="<= 1.0")
    print_row("fanout/memory", ours=many.socket_kb, unit="KB a socket", peer="goal", peers=SOCKET_KB, goal="<= 1.0")


def compare(mine: list[Figures], ours: Server, peer: Server, *, row: str, goal: str, is_slow: bool = False) -> None:
    """Ours and the peer in turns, so that both meet the same neighbours; the median of each."""
    theirs = []
    for _ in range(ROUNDS):
        theirs.append(measure(peer, SOCKETS, is_slow=is_slow))
        mine.append(measure(ours, SOCKETS))
    near = mine[-ROUNDS:]
    print_row(
        row,
        ours=median([figures.per_cpu_s for figures in near]),
        unit="deliveries/CPU-s",
        peer=peer.name,
        peers=median([figures.per_cpu_s for figures in theirs]),
        goal=goal,
    )


def storm(ours: Server, socketio: Server) -> None:
    """Accepted connections a second, 200 handshakes in flight."""
    rates: dict[str, list[float]] = {ours.name: [], socketio.name: []}
    for _ in range(ROUNDS):
        for server in (socketio, ours):
            with running(server) as (port, _):
                seconds = uvloop.run(_gather(Crowd(port, STORM, server.dialect())))
            rates[server.name].append(STORM / seconds)
    print_row(
        "fanout/storm-socketio",
        ours=median(rates[ours.name]),
        unit="accepts/s",
        peer=socketio.name,
        peers=median(rates[socketio.name]),
        goal=">= 1.0",
    )


async def _gather(crowd: Crowd) -> float:
    seconds = await crowd.gather(at_once=200)
    await crowd.disperse()
    return seconds


def measure(server: Server, sockets: int, *, is_paced: bool = False, is_slow: bool = False) -> Figures:
    with running(server) as (port, process):
        return uvloop.run(_measure(Crowd(port, sockets, server.dialect()), process.pid, is_paced=is_paced, is_slow=is_slow))


async def _measure(crowd: Crowd, pid: int, *, is_paced: bool, is_slow: bool) -> Figures:
    await _warm_up(crowd)
    before_kb = resident_kb(pid)
    seconds = await crowd.gather()
    await asyncio.sleep(0.6)
    socket_kb = (resident_kb(pid) - before_kb) / crowd.size
    await crowd.saturate(WARM_S, window=WINDOW)
    cpu, delivered = cpu_s(pid), crowd.delivered
    elapsed = await crowd.saturate(SATURATED_S * (2 if is_slow else 1), window=WINDOW)
    cpu, delivered = cpu_s(pid) - cpu, crowd.delivered - delivered
    await crowd.settle(60)
    if cpu <= 0 or delivered == 0:
        raise CannotMeasure(f"{delivered} deliveries in {cpu} s of CPU")
    p99_ms = 0.0
    if is_paced:
        await crowd.pace(PACED_S, per_s=delivered / elapsed / crowd.size / 2)
        p99_ms = crowd.percentile_ms(0.99)
    await crowd.disperse()
    return Figures(delivered / cpu, delivered / elapsed, crowd.size / seconds, socket_kb, p99_ms)


async def _warm_up(crowd: Crowd) -> None:
    """A few sockets come and go, so that imports and pools are not counted as sockets."""
    few = Crowd(crowd.port, 20, crowd.dialect)
    await few.gather()
    few.publish()
    await few.settle()
    await few.disperse()


@contextmanager
def running(server: Server) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """The server on the first core; the client, Valkey and everything else keep the others."""
    port = free_port()
    log = CACHE / f"{server.name.replace(' ', '-')}.log"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.realtime.site.settings", "NODE_ENV": "production", "LOG_LEVEL": "ERROR"}
    process = start(server.command(port), log=log, cwd=ROOT, env=environment)
    try:
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) > 1:
            os.sched_setaffinity(process.pid, cores[:1])
        wait_for_port(port, process, name=server.name, log=log, timeout_s=40)
        time.sleep(0.3)
        yield port, process
    finally:
        stop(process, patience_s=2)


# The programs --------------------------------------------------------------------------------------


def exchange() -> Server:
    """The product's consumer and hub under uvicorn, with a cursor as a page gives it."""
    from realtime.publish import get_cursor
    from realtime.ticket import issue_ticket
    from realtime.topics import Topic

    def dialect() -> Dialect:
        room = get_cursor(Topic.room("aurora", "bench"))

        def path(number: int) -> str:
            viewer = f"viewer-{number}"
            ticket = issue_ticket("aurora", room_id="bench", slug="bench", viewer_id=viewer, nickname=viewer)
            return f"/ws/rooms/bench/?ticket={quote(ticket)}&epoch={room.epoch}&since={room.seq}"

        paths = {number: path(number) for number in range(MANY)}
        return Dialect(path=paths.__getitem__, wrap=lambda stamp: json.dumps({"k": "say", "text": stamp}), host=HOST, ready=b'"k":"ready"')

    command = [
        "--ws",
        "realtime.ws:RawWS",
        "--loop",
        "uvloop",
        "--ws-per-message-deflate",
        "false",
        "--backlog",
        "4096",
        "--log-level",
        "error",
        "--no-proxy-headers",
    ]
    return Server(
        "exchange", lambda port: [sys.executable, "-m", "uvicorn", "tests.realtime.site.asgi:application", "--port", str(port), *command], dialect
    )


def channels_core() -> Server:
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-v", "0", "--access-log", os.devnull]
    return Server(
        "Channels on daphne",
        lambda port: [*command, "-p", str(port), "tests.load.fanout_channels:application"],
        lambda: Dialect(path=lambda _: "/room/", wrap=json_note),
    )


def bare_loop() -> Server:
    return Server(
        "bare uvloop",
        lambda port: [sys.executable, "-m", "tests.load.fanout_limit", str(port)],
        lambda: Dialect(path=lambda _: "/", wrap=json_note),
    )


def node_peers() -> tuple[Server, Server]:
    """Socket.IO and `ws`, installed from the pinned package.json. Raises: CannotMeasure."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for file in PEERS.iterdir():
        shutil.copy(file, CACHE)
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=CACHE, capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode:
        raise CannotMeasure(f"npm could not install the peers: {done.stderr.strip()[-300:]}")
    body = "viewer"
    ticket = f"{body}.{hmac.new(KEY.encode(), body.encode(), hashlib.sha256).hexdigest()}"
    path = f"/socket.io/?EIO=4&transport=websocket&ticket={ticket}"
    socketio = Server(
        "Socket.IO",
        lambda port: ["node", str(CACHE / "socketio.mjs"), str(port), KEY],
        lambda: Dialect(path=lambda _: path, wrap=lambda stamp: f'42["say",{json_note(stamp)}]', is_socketio=True, ready=b'40{"sid'),
    )
    ws = Server("ws", lambda port: ["node", str(CACHE / "ws.mjs"), str(port)], lambda: Dialect(path=lambda _: "/", wrap=json_note))
    return socketio, ws


if __name__ == "__main__":
    try:
        main()
    except CannotMeasure as error:
        print(f"fanout: {error}", file=sys.stderr)
        sys.exit(1)
