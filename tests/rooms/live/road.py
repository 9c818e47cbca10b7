"""The real road: a web process, a media node and a director on this test's database and Valkey, and peers that really send."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from websockets.asyncio.client import ClientConnection

from config.embedded.processes import start, stop
from realtime.rtc.engine import Description
from realtime.rtc.placement import NODES_KEY
from realtime.ticket import issue_ticket
from rooms.program.air import client
from tests.leaks.audiences import Key
from tests.leaks.server import RawAnswer, Server
from tests.realtime.rtc.peers import Publisher, Viewer, until
from tests.realtime.swarm import open_socket
from tests.rooms.building import Stage

ROOT = Path(__file__).resolve().parents[3]
SDP = "application/sdp"
PATIENCE_S = 40.0


@dataclass
class Road:
    """`node()` and `director()` start processes; all of them end with the test."""

    folder: Path
    server: Server
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    async def node(self) -> "subprocess.Popen[bytes]":
        """Returns once it can be found."""
        log = self.folder / f"media_node-{len(self.running)}.log"
        process = self._start("media_node", "--address", "127.0.0.1", "--drain-s", "1")
        await until(lambda: "media_node_ready" in log.read_text(), what="the node")
        return process

    @property
    def studio(self) -> dict[str, str]:
        """For programs that find no `aurora.localhost` in any DNS: the web process is their proxy, which is asked with the whole address."""
        return os.environ | {"http_proxy": f"http://127.0.0.1:{self.server.port}"}

    def director(self) -> "subprocess.Popen[bytes]":
        return self._start("director")

    def _start(self, command: str, *options: str) -> "subprocess.Popen[bytes]":
        log = self.folder / f"{command}-{len(self.running)}.log"
        process = start([sys.executable, "manage.py", command, *options], log=log, cwd=ROOT, env=os.environ | {"LOG_LEVEL": "INFO"})
        self.running.append(process)
        return process

    def end(self) -> None:
        for process in self.running:
            stop(process, patience_s=3)
        self.server.stop()

    # HTTP --------------------------------------------------------------------------------------------

    async def ask(self, shop: Any, method: str, path: str, *, key: Key | None = None, body: bytes = b"", **headers: str) -> RawAnswer:
        return await self.server.ask(shop.host, path, method=method, key=key, body=body, **headers)

    async def press(self, shop: Any, stage: Stage, button: str, key: Key | None, **fields: Any) -> tuple[int, dict[str, Any]]:
        """A button of the console, as its page presses it."""
        origin = f"http://{shop.host}:{self.server.port}"
        answer = await self._json(
            shop, "POST", f"/api/v1/console/{stage.slug}/{button}", key, fields, Origin=origin, X_CSRFToken=TOKEN, Content_Type="application/json"
        )
        return answer

    async def look(self, shop: Any, stage: Stage, key: Key, place: str = "live") -> dict[str, Any]:
        status, body = await self._json(shop, "GET", f"/api/v1/console/{stage.slug}/{place}", key, None)
        assert status == 200, body
        return body

    async def until_live_shows(self, shop: Any, stage: Stage, key: Key, is_so: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so(shown := await self.look(shop, stage, key)):
            assert time.monotonic() < deadline, shown
            await asyncio.sleep(0.2)
        return shown

    async def _json(self, shop: Any, method: str, path: str, key: Key | None, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        """Not through `ask`, whose answers are in small letters: tokens are not."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        data = b"" if body is None else json.dumps(body).encode()
        cookies = [f"csrf={TOKEN}", *([f"{key.name}={key.value}"] if key else [])]
        sent = {
            "Host": f"{shop.host}:{self.server.port}",
            "Connection": "close",
            "Content-Length": str(len(data)),
            "Cookie": "; ".join(cookies),
        } | headers
        lines = [f"{method} {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in sent.items()), "", ""]
        async with asyncio.timeout(PATIENCE_S):
            writer.write("\r\n".join(lines).encode() + data)
            raw = (await reader.read()).decode()
        writer.close()
        head, _, content = raw.partition("\r\n\r\n")
        return int(head.split(" ", 2)[1]), json.loads(content[content.find("{") : content.rfind("}") + 1] or "{}")

    async def offer(self, shop: Any, path: str, token: str, sdp: str, *, kind: str = SDP, **headers: str) -> tuple[int, dict[str, str], str]:
        """A POST as WHIP and WHEP programs make it. Returns status, headers in small letters, body."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        sent = {"Host": f"{shop.host}:{self.server.port}", "Connection": "close", "Content-Length": str(len(sdp.encode())), "Content-Type": kind}
        sent |= ({"Authorization": f"Bearer {token}"} if token else {}) | headers
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        async with asyncio.timeout(PATIENCE_S):
            writer.write("\r\n".join(lines).encode() + sdp.encode())
            raw = (await reader.read()).decode()
        writer.close()
        head, _, content = raw.partition("\r\n\r\n")
        named = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
        return int(head.split(" ", 2)[1]), {name.lower(): value for name, value in named.items()}, content

    # Sockets -----------------------------------------------------------------------------------------

    @asynccontextmanager
    async def phone(self, shop: Any, stage: Stage, viewer: str, *, role: str = "") -> AsyncIterator["Phone"]:
        ticket = issue_ticket(shop.schema, room_id=stage.room_id, slug=stage.slug, viewer_id=viewer, nickname="Ann", role=role)
        async with open_socket(self.server.port, schema=shop.schema, slug=stage.slug, query={"ticket": ticket}) as socket:
            phone = Phone(socket)
            reading = asyncio.create_task(phone.read())
            try:
                await phone.of_kind("ready")
                yield phone
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)


# Django checks that cookie and header hold the same secret, of this length.
TOKEN = "t" * 32


class Phone:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._refs = 0
        self.got: list[dict[str, Any]] = []

    async def read(self) -> None:
        async for frame in self._socket:
            self.got.append(json.loads(frame))

    async def of_kind(self, kind: str, is_it: Callable[[dict[str, Any]], Any] = lambda message: True) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for message in self.got:
                    if message["k"] == kind and is_it(message):
                        return message
                await asyncio.sleep(0.02)

    async def send(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Send, and give the answer back."""
        self._refs += 1
        ref = f"r{self._refs}"
        await self._socket.send(json.dumps({"k": kind, "ref": ref, **fields}))
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for message in self.got:
                    if message.get("ref") == ref:
                        return message
                await asyncio.sleep(0.02)

    async def publish(self, publisher: Publisher, *tracks: Any, line: str = "primary") -> dict[str, Any]:
        answer = await self.send("live.publish", sdp=await publisher.offer(*tracks), line=line)
        assert answer["k"] == "live.answer", answer
        await publisher.take(Description(answer["session"], "answer", answer["sdp"]))
        return answer

    async def watch(self, viewer: Viewer, *kinds: str) -> dict[str, Any]:
        answer = await self.send("live.watch", sdp=await viewer.offer(*(kinds or ("video",))))
        assert answer["k"] == "live.answer", answer
        await viewer.take(Description(answer["session"], "answer", answer["sdp"]))
        return answer


def forget_nodes() -> None:
    client().delete(NODES_KEY)


def ffmpeg_command(url: str, token: str) -> list[str]:
    """A studio's program: test pictures and a tone, H264 and Opus, by WHIP."""
    return [
        *[imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-re"],
        *["-f", "lavfi", "-i", "testsrc2=size=320x192:rate=20", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"],
        *["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-profile:v", "baseline", "-pix_fmt", "yuv420p", "-g", "20", "-bf", "0"],
        *["-c:a", "libopus", "-ac", "2", "-t", "90", "-f", "whip", "-authorization", token, url],
    ]
