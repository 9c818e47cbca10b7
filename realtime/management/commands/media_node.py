"""`manage.py media_node [--address 203.0.113.7 …]`: one process of the media plane. SIGTERM and Ctrl-C drain it."""

import asyncio
import os
import secrets
import signal
import socket
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvloop
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from redis.exceptions import RedisError

from realtime.rtc import fanout, native
from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.engine.janus import JanusEngine
from realtime.rtc.failover import Patience
from realtime.rtc.hls.asking import parse_address
from realtime.rtc.hls.broadcasts import Broadcasts
from realtime.rtc.hls.keeping import Keeper
from realtime.rtc.hls.server import Server
from realtime.rtc.inspection.inspector import Inspector
from realtime.rtc.node import Limits, Node
from realtime.rtc.relay import connect
from realtime.rtc.serving import DRAIN_S, RelayServer
from realtime.rtc.takes import read_takes

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Carries live sound and pictures: web processes send it rooms through Valkey."
    requires_system_checks = ()  # they load every page of the office; `make check` has them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", action="append", help="an address of this machine to offer to browsers; all of them without it")
        parser.add_argument(
            "--announce",
            default=settings.MEDIA_NODE_ANNOUNCE,
            help="the public address, where the machine itself only has a private one (one-to-one translation)",
        )
        parser.add_argument("--peers", type=int, default=settings.MEDIA_NODE_PEERS, help="the most publishers and viewers at a time")
        parser.add_argument(
            "--silence-ms", type=int, default=round(Patience.silence_s * 1000), help="how long a primary may say nothing before the backup is shown"
        )
        parser.add_argument(
            "--stable-s", type=float, default=Patience.stable_s, help="how long it must be heard without a pause before it is shown again"
        )
        parser.add_argument("--pure", action="store_true", help="send to viewers in Python, also where a compiler could build the C part")
        parser.add_argument(
            "--hls-host",
            default=settings.MEDIA_HLS_HOST,
            help="serve low-latency HLS on this address, which web processes and their proxy reach, and nobody else; empty for not at all",
        )
        parser.add_argument("--hls-port", type=int, default=settings.MEDIA_HLS_PORT, help="the port of it; 0 for any that is free")
        parser.add_argument(
            "--recordings",
            type=Path,
            default=settings.RECORDINGS_DIR,
            help="the folder, shared with the workers, that live parts are recorded into on their way to the replay",
        )
        parser.add_argument("--drain-s", type=float, default=DRAIN_S, help="how long a leaving node waits for its viewers to go")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MEDIA_ENGINE == "janus" and options["address"]:
            raise CommandError("--address is of the engine of our own; MEDIA_ENGINE is 'janus', which offers the addresses of its own configuration.")
        try:
            uvloop.run(self._run(**options))
        except (RedisError, OSError) as error:
            raise CommandError(f"Valkey does not answer at {settings.VALKEY_URL}: {error}") from error

    async def _run(
        self,
        *,
        address: list[str] | None,
        announce: str,
        peers: int,
        silence_ms: int,
        stable_s: float,
        hls_host: str,
        hls_port: int,
        recordings: Path | None,
        drain_s: float,
        pure: bool,
        **_: Any,
    ) -> None:
        node_id = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"
        leaving = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, leaving.set)
        client = connect(settings.VALKEY_URL)
        node = Node(limits=Limits(peers=peers), patience=Patience(silence_s=silence_ms / 1000, stable_s=stable_s))
        if settings.MEDIA_ENGINE == "aiortc" and not pure:
            fanout.use(native.build(settings.DATA_DIR / "native"))
        engine = _engine(node, tuple(settings.MEDIA_NODE_ADDRESSES if address is None else address), announce)
        keeper = Keeper(recordings, read_takes=partial(read_takes, client)) if recordings else None
        broadcasts = Broadcasts(node, keeper=keeper)
        door = Server(broadcasts.find)
        inspector = Inspector(node)
        hls = await _open(door, hls_host, hls_port) if hls_host else ""
        server = RelayServer(engine, client, node_id=node_id, hls=hls, recording_of=keeper.tell if keeper else lambda room: "")
        try:
            engine.start()
            inspector.start()
            if hls or recordings:
                broadcasts.start()
            await server.start()
            log.info("media_node_ready", node=node_id)
            await leaving.wait()
            await server.drain(longest_s=drain_s)
        finally:
            await server.close()
            await broadcasts.close()
            await door.close()
            await inspector.close()
            await engine.close()
            await client.aclose()
            log.info("media_node_left", node=node_id)


def _engine(node: Node, addresses: tuple[str, ...], announce: str) -> AiortcEngine | JanusEngine:
    if settings.MEDIA_ENGINE == "janus":
        return JanusEngine(node, url=settings.JANUS_URL, secret=settings.JANUS_SECRET, admin_key=settings.JANUS_ADMIN_KEY)
    return AiortcEngine(node, host_addresses=addresses, announced_address=announce)


async def _open(door: Server, host: str, port: int) -> str:
    """Returns the address for others."""
    try:
        parse_address(f"{host}:{port or 1}")
        await door.start(host=host, port=port)
    except (OSError, ValueError) as error:
        raise CommandError(f"HLS cannot be served on {host}:{port}: {error}") from error
    return f"{host}:{door.port}"
