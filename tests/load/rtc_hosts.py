"""Who carries media in the benchmarks, each in a process of its own on the first core: our node, aiortc's MediaRelay, a Janus."""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aioice.ice

from config.embedded.processes import die_with_parent
from realtime.rtc.engine import Description
from realtime.rtc.janus.client import JanusClient
from realtime.rtc.janus.videoroom import Rooms
from realtime.rtc.names import RoomName
from realtime.rtc.relay import Relay, connect
from tests.load.fanout_client import CannotMeasure
from tests.load.rtc_client import LightViewer
from tests.realtime.rtc.janus import running_janus
from tests.realtime.rtc.peers import Viewer

ROOT = Path(__file__).resolve().parents[2]
START_S = 40.0
EVENT_LOOPS = 2

AnyViewer = Viewer | LightViewer


@dataclass(frozen=True)
class Host:
    """A node under test, in a process of its own. `watch` negotiates a viewer's connection."""

    pid: int
    publish: Callable[[str, RoomName], Awaitable[str]]
    watch: Callable[[AnyViewer, RoomName], Awaitable[None]]


def offering(subscribe: Callable[[str, RoomName], Awaitable[str]]) -> Callable[[AnyViewer, RoomName], Awaitable[None]]:
    """For hosts that answer viewers."""

    async def watch(viewer: AnyViewer, room: RoomName) -> None:
        await viewer.take(Description("", "answer", await subscribe(await viewer.offer("video"), room)))

    return watch


@contextmanager
def offered_addresses(address: str) -> Iterator[None]:
    """What peers of this process offer."""
    usual = aioice.ice.get_host_addresses
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [address]
    try:
        yield
    finally:
        aioice.ice.get_host_addresses = usual


@asynccontextmanager
async def media_node(*options: str, address: str = "127.0.0.1") -> AsyncIterator[Host]:
    """The product's command, spoken to over the relay."""
    client = connect(os.environ["VALKEY_URL"])
    relay = Relay(client)
    relay.start()
    process = await _start("manage.py", "media_node", "--address", address, "--drain-s", "0", *options)
    try:
        deadline = time.monotonic() + START_S
        while not await relay.registry.list_nodes():
            if time.monotonic() > deadline:
                raise CannotMeasure("media_node did not start")
            await asyncio.sleep(0.05)

        async def publish(offer: str, room: RoomName) -> str:
            return (await relay.publish(room, offer=offer, role="primary")).sdp

        async def subscribe(offer: str, room: RoomName) -> str:
            return (await relay.subscribe(room, offer=offer)).sdp

        yield Host(process.pid, publish, offering(subscribe))
    finally:
        await _stop(process)
        await relay.close()
        await client.aclose()


@asynccontextmanager
async def media_relay() -> AsyncIterator[Host]:
    process = await _start("-m", "tests.load.rtc_mediarelay")
    turn = asyncio.Lock()

    async def ask(op: str, offer: str) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        async with turn:
            process.stdin.write(json.dumps({"op": op, "sdp": offer}).encode() + b"\n")
            return str(json.loads(await asyncio.wait_for(process.stdout.readline(), START_S))["sdp"])

    try:
        yield Host(process.pid, lambda offer, _: ask("publish", offer), offering(lambda offer, _: ask("subscribe", offer)))
    finally:
        await _stop(process)


@asynccontextmanager
async def janus_alone() -> AsyncIterator[Host]:
    """Without our engine: one publisher, and each viewer subscribed to its feed."""
    with tempfile.TemporaryDirectory() as folder, on_first_core(), running_janus(Path(folder), event_loops=EVENT_LOOPS) as janus:
        client = JanusClient(janus.url, secret=janus.secret)
        client.start()
        await client.wait_until_up(timeout_s=START_S)
        room, feeds = await Rooms(client, janus.admin_key).open(), []

        async def publish(offer: str, _: RoomName) -> str:
            feed, answer = await room.publish(await client.attach(), offer=offer)
            feeds.append(feed)
            return answer

        async def watch(viewer: AnyViewer, _: RoomName) -> None:
            handle = await client.attach()
            body = {"request": "join", "ptype": "subscriber", "room": room.number, "streams": [{"feed": feeds[0]}]}
            await viewer.take(Description("", "offer", (await client.ask(handle, body)).sdp))
            await viewer.connection.setLocalDescription(await viewer.connection.createAnswer())
            await room.begin(handle, answer=viewer.connection.localDescription.sdp)

        try:
            yield Host(janus.process.pid, publish, watch)
        finally:
            await client.close()


@contextmanager
def on_first_core() -> Iterator[None]:
    """What is started here stays there with all its threads; we go back."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(cores)[:1])
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


async def _start(*command: str) -> asyncio.subprocess.Process:
    """On the first core; viewers, Valkey and everything else keep the others."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        preexec_fn=die_with_parent(),
        limit=1 << 17,
    )
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(process.pid, cores[:1])
    return process


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()
