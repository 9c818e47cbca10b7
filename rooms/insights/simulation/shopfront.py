"""The shop's public doors as a browser uses them: one connection pool for the audience, one cookie jar a viewer."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from rooms.insights.simulation.figures import Refused

ANSWER_S = 20.0
# A browser by its own word, and a simulator as well: whoever reads access logs can tell them apart, and a robot filter lets them in.
USER_AGENT = "Mozilla/5.0 (compatible; cliffhanger-simulated-viewer)"
_STATE = re.compile(r'<script id="state" type="application/json">(.*?)</script>', re.DOTALL)


class LoopbackResolver(AbstractResolver):
    """`*.localhost` is this machine (RFC 6761), also where the system's resolver does not know it."""

    def __init__(self) -> None:
        self._others = ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        name = "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host
        return [ResolveResult({**found, "hostname": host}) for found in await self._others.resolve(name, port, family)]

    async def close(self) -> None:
        await self._others.close()


@dataclass(frozen=True)
class Site:
    """Where the shop is: `http://aurora.localhost:8000`. At most `most_requests` requests of the audience are under way at a time."""

    url: str
    pool: aiohttp.BaseConnector
    turns: asyncio.Semaphore

    def at(self, path: str) -> str:
        return urljoin(self.url, path)


@asynccontextmanager
async def open_site(url: str, *, most_requests: int) -> AsyncIterator[Site]:
    """Sockets are connections of the pool as well, so that it has no bound of its own."""
    pool = aiohttp.TCPConnector(limit=0, resolver=LoopbackResolver(), ttl_dns_cache=300)
    try:
        yield Site(url.rstrip("/") + "/", pool, asyncio.Semaphore(most_requests))
    finally:
        await pool.close()


class Browser:
    """One viewer's cookies and requests. Raises: Refused, whatever went wrong."""

    def __init__(self, site: Site, *, is_counted: bool) -> None:
        self._site = site
        self._csrf = ""
        # Host-only cookies, also for an address: the shop's host is the only one that is asked besides the processor's sheet, which needs none.
        self._client = aiohttp.ClientSession(
            connector=site.pool,
            connector_owner=False,
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            cookies=None if is_counted else {"measuring": "no"},
            headers={"User-Agent": USER_AGENT},
            timeout=aiohttp.ClientTimeout(total=ANSWER_S),
        )

    async def close(self) -> None:
        await self._client.close()

    async def open_page(self, path: str) -> dict[str, Any]:
        """The state that a living page starts from."""
        async with self._asking(), self._client.get(self._site.at(path), headers={"Accept": "text/html"}) as response:
            text = await response.text(errors="replace")
            if response.status != 200:
                raise Refused(f"http_{response.status}")
        found = _STATE.search(text)
        if found is None:
            raise Refused("no_state")
        state: dict[str, Any] = json.loads(found.group(1))
        self._csrf = str(state.get("csrf", ""))
        return state

    async def get(self, path: str) -> dict[str, Any]:
        return await self._call("GET", self._site.at(path), None, {})

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        headers = {"X-CSRFToken": self._csrf, "Origin": self._site.url.rstrip("/"), "Referer": self._site.url}
        return await self._call("POST", self._site.at(path), body, headers)

    async def post_elsewhere(self, url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        """To the processor's own sheet."""
        return await self._call("POST", url, body, headers)

    @asynccontextmanager
    async def open_socket(self, path: str, query: Mapping[str, str]) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        headers = {"Origin": self._site.url.rstrip("/")}
        options: dict[str, Any] = {"params": dict(query), "headers": headers, "max_msg_size": 0, "autoping": True}
        opened: aiohttp.ClientWebSocketResponse | None = None
        async with self._asking():
            opened = await self._client.ws_connect(self._site.at(path), timeout=aiohttp.ClientWSTimeout(ws_close=2.0), **options)
        try:
            yield opened
        finally:
            await opened.close()

    async def _call(self, method: str, url: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]) -> dict[str, Any]:
        async with self._asking(), self._client.request(method, url, json=body, headers=dict(headers)) as response:
            text = await response.text()
        answer = _decode(text)
        if response.status >= 400:
            error = answer.get("error")
            raise Refused(str(error.get("code") or f"http_{response.status}") if isinstance(error, dict) else f"http_{response.status}")
        return answer

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        try:
            async with self._site.turns:
                yield
        except TimeoutError as error:
            raise Refused("timeout") from error
        except aiohttp.ClientResponseError as error:
            raise Refused(f"http_{error.status}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Refused("unreachable") from error


def _decode(text: str) -> dict[str, Any]:
    try:
        answer = json.loads(text) if text else {}
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
