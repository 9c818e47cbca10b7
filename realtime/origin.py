"""Where a socket comes from: its page's origin and its shop."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

DEFAULT_PORTS = {"http": "80", "https": "443"}
CACHE_S = 30.0
CACHE_SIZE = 10_000

Headers = Mapping[bytes, bytes]


def is_same_origin(headers: Headers, *, scheme: str) -> bool:
    """Whether the page's origin is this very host: scheme, name and port alike.

    A sibling shop is another origin although the cookies' site is the same, and browsers let its pages open sockets here
    unless the server refuses. `scheme` is `http` or `https`, as the browser sees it.
    """
    origin, host = headers.get(b"origin"), headers.get(b"host")
    if not origin or not host:
        return False
    return origin.decode("latin-1").lower() == _origin(scheme, host.decode("latin-1").lower())


def public_scheme(scope: Mapping[str, Any], headers: Headers, *, proxy_header: tuple[str, str] | None) -> str:
    """`https` for a TLS socket, or when the proxy that Django trusts too (SECURE_PROXY_SSL_HEADER) says so."""
    if proxy_header is not None:
        name, value = proxy_header
        sent = headers.get(name.removeprefix("HTTP_").replace("_", "-").lower().encode(), b"").decode("latin-1")
        if sent.partition(",")[0].strip() == value:
            return "https"
    return "https" if scope.get("scheme") == "wss" else "http"


def host_name(headers: Headers) -> str:
    """The host without its port."""
    host = headers.get(b"host", b"").decode("latin-1").lower()
    return host if host.startswith("[") else host.partition(":")[0]


def _origin(scheme: str, host: str) -> str:
    suffix = f":{DEFAULT_PORTS[scheme]}"
    return f"{scheme}://{host.removesuffix(suffix)}"


class TenantCache:
    """Host name -> schema, remembered for 30 s (also that there is none): a reconnect storm asks the database once a host."""

    def __init__(self, look_up: Callable[[str], Awaitable[str | None]], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._look_up = look_up
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, str | None]] = OrderedDict()

    async def find(self, host: str) -> str | None:
        held = self._known.get(host)
        if held is not None and self._clock() - held[0] < CACHE_S:
            return held[1]
        schema = await self._look_up(host)
        self._known[host] = (self._clock(), schema)
        if len(self._known) > CACHE_SIZE:
            self._known.popitem(last=False)
        return schema
