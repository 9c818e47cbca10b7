"""A player without a screen: asks over HTTP as low-latency players do, and decodes what it got."""

import asyncio
import io
import re
import time
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np

PART = re.compile(r'#EXT-X-PART:DURATION=([\d.]+),URI="(s(\d+)\.p(\d+)\.m4s)"(,INDEPENDENT=YES)?')
HINT = re.compile(r'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="(s(\d+)\.p(\d+)\.m4s)"')


@dataclass
class Response:
    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    """One connection that is kept."""

    def __init__(self, port: int, room: str = "/aurora/r1/", *, headers: dict[str, str] | None = None) -> None:
        """`room` is the folder of relative names; `headers` are sent along."""
        self._port = port
        self._room = room
        self._headers = {"Host": "media"} | (headers or {})
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, name: str, *, method: str = "GET") -> Response:
        path = name if name.startswith("/") else self._room + name
        lines = [f"{method} {path} HTTP/1.1", *(f"{field}: {value}" for field, value in self._headers.items())]
        return await self.send("\r\n".join([*lines, "", ""]).encode())

    async def send(self, data: bytes) -> Response:
        async with asyncio.timeout(20):
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(data)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
            size = 0 if data.startswith(b"HEAD") else int(fields["content-length"])
            response = Response(int(head[0].split()[1]), fields, await reader.readexactly(size))
            if fields.get("connection") == "close":
                await self.close()
            return response

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@dataclass
class Watched:
    """What a player got: `films` hold a head and the parts that follow it; `delays_s` are how late a part's first frame was."""

    films: list[bytes] = field(default_factory=list)
    playlists: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)


async def watch(port: int, *, seconds: float, room: str = "/aurora/r1/", headers: dict[str, str] | None = None) -> Watched:
    """Follow the playlist part by part, with blocking reloads."""
    client, watched, head = Client(port, room, headers=headers), Watched(), ""
    deadline = time.monotonic() + seconds
    response = await client.get("live.m3u8")
    while response.status in {404, 503} and time.monotonic() < deadline:
        response = await client.get("live.m3u8")
    while time.monotonic() < deadline:
        assert response.status == 200, response
        text = response.text
        watched.playlists.append(text)
        named = ""
        for kind, uri in _media(text):
            if kind == "head":
                named = uri
            elif uri not in watched.names:
                if named != head:
                    head = named
                    watched.films.append((await client.get(head)).body)
                part = await client.get(uri)
                assert part.status == 200, (uri, part)
                watched.names.append(uri)
                watched.films[-1] += part.body
        hint = HINT.search(text)
        assert hint is not None, text
        began = time.monotonic()
        response = await client.get(f"live.m3u8?_HLS_msn={hint[2]}&_HLS_part={hint[3]}")
        watched.waits_s.append(time.monotonic() - began)
    await client.close()
    return watched


def _media(text: str) -> list[tuple[str, str]]:
    """Heads and parts in order; a playlist repeats the head of its first segment."""
    found = []
    for line in text.splitlines():
        if line.startswith("#EXT-X-MAP"):
            found.append(("head", line.split('"')[1]))
        elif part := PART.match(line):
            found.append(("part", part[2]))
    return found


# Decoding -------------------------------------------------------------------------------------------


@dataclass
class Decoded:
    """Times are seconds of the film."""

    pictures: list[tuple[float, Any]] = field(default_factory=list)
    sounds: list[tuple[float, Any]] = field(default_factory=list)

    @property
    def sizes(self) -> list[tuple[int, int]]:
        return [(frame.width, frame.height) for _, frame in self.pictures]

    def flashes(self) -> list[float]:
        """When the picture turns bright."""
        levels = [(at, _level(frame)) for at, frame in self.pictures]
        return [at for (_, before), (at, level) in zip(levels, levels[1:], strict=False) if level > 140 >= before]

    def beeps(self) -> list[float]:
        """When silence ends."""
        onsets, quiet_since = [], -1.0
        for at, samples in self.sounds:
            for start in range(0, len(samples) - 47, 48):
                if np.abs(samples[start : start + 48]).max() > 0.1:
                    if at + start / 48_000 - quiet_since > 0.1:
                        onsets.append(at + start / 48_000)
                    quiet_since = at + start / 48_000
        return onsets

    def skews_ms(self) -> list[float]:
        """Sound's delay behind the picture at each flash that has a beep within half a second."""
        beeps = self.beeps()
        pairs = [(flash, min(beeps, key=lambda beep: abs(beep - flash))) for flash in self.flashes()] if beeps else []
        return [(beep - flash) * 1000 for flash, beep in pairs if abs(beep - flash) < 0.5]

    def longest_hole_s(self, kind: str) -> float:
        times = [at for at, _ in (self.pictures if kind == "video" else self.sounds)]
        return max((after - before for before, after in zip(times, times[1:], strict=False)), default=0.0)


def decode(data: bytes) -> Decoded:
    decoded = Decoded()
    with av.open(io.BytesIO(data)) as film:
        for frame in film.decode(video=0):
            decoded.pictures.append((frame.time, frame))
    with av.open(io.BytesIO(data)) as film:
        for frame in film.decode(audio=0):
            decoded.sounds.append((frame.time, frame.to_ndarray()[0]))
    return decoded


def _level(frame: Any) -> float:
    plane = frame.planes[0]
    return float(np.frombuffer(plane, "u1").reshape(-1, plane.line_size)[: frame.height, : frame.width].mean())
