"""The real web process over the twins, and requests as raw as an attacker writes them."""

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded.processes import free_port, start, stop, wait_for_port
from tests.leaks.audiences import Key

ROOT = Path(__file__).resolve().parents[2]
ANSWER_S = 30


@dataclass(frozen=True)
class RawAnswer:
    status: int
    text: str


class Server:
    """`config.serve`: uvicorn with the socket protocol of production, on a free port."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        self._log = folder / "web.log"
        settings = {"LISTEN_PORT": str(self.port), "PORT": str(self.port), "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "INFO"}
        self._process: subprocess.Popen[bytes] = start(
            [sys.executable, "-m", "config.serve"], log=self._log, cwd=ROOT, env=os.environ | settings | environment
        )

    def wait(self) -> "Server":
        wait_for_port(self.port, self._process, name="the web process", log=self._log, timeout_s=90)
        return self

    def stop(self) -> None:
        stop(self._process)

    @property
    def log(self) -> list[str]:
        return self._log.read_text(errors="replace").splitlines()

    async def ask(self, host: str, path: str, *, key: Key | None = None, method: str = "GET", body: bytes = b"", **headers: str) -> RawAnswer:
        """One request over a connection of its own; `path` is sent as it is, dots and escapes included."""
        sent: dict[str, Any] = {"Host": f"{host}:{self.port}", "Connection": "close", "Content-Length": str(len(body))} | headers
        if key is not None:
            sent["Cookie"] = f"{key.name}={key.value}"
        lines = [f"{method} {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in sent.items()), "", ""]
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write("\r\n".join(lines).encode() + body)
            data = await reader.read()
            writer.close()
        status = data.split(b" ", 2)[1] if data.startswith(b"HTTP/") else b"0"
        return RawAnswer(int(status), data.decode("utf-8", "replace").lower())

    async def knock(self, host: str, path: str) -> None:
        """A visitor who asks and leaves before the answer."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{self.port}\r\n\r\n".encode())
        await writer.drain()
        writer.close()
