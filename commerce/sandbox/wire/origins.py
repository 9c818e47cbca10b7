"""Which hosts may name this server and which pages may call it.

The Host check keeps a foreign site from reaching the loopback server by rebinding its DNS name; the Origin check is the
list behind CORS, `frame-ancestors` and `postMessage`.
"""

import fnmatch
import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

CORS_HEADERS = "Authorization, Content-Type, Idempotency-Key, Stripe-Account, Stripe-Version"


def is_loopback(host: str) -> bool:
    """True for 127.0.0.0/8, ::1, `localhost` and every name under it."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Doors:
    """`public_host`: the name of `--public-url`; `extra_origins`: patterns of `--allow-origin` such as `https://*.shop.example`."""

    public_host: str = ""
    extra_origins: tuple[str, ...] = ()

    def admits_host(self, header: str) -> bool:
        """Is this Host header one of ours?"""
        host = urlsplit(f"//{header}").hostname or ""
        return is_loopback(host) or (bool(host) and host == self.public_host)

    def admits_origin(self, origin: str) -> bool:
        """May a page of this origin call the sheet's endpoints?"""
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return False
        return is_loopback(parts.hostname) or any(fnmatch.fnmatchcase(origin, pattern) for pattern in self.extra_origins)

    def cors(self, origin: str, *, is_preflight: bool = False) -> dict[str, str]:
        """Answer headers for a page of that origin; none when it may not call."""
        if not self.admits_origin(origin):
            return {"vary": "Origin"}
        headers = {"access-control-allow-origin": origin, "vary": "Origin", "access-control-expose-headers": "Request-Id, Idempotent-Replayed"}
        if is_preflight:
            headers |= {
                "access-control-allow-methods": "GET, POST",
                "access-control-allow-headers": CORS_HEADERS,
                "access-control-max-age": "600",
                "access-control-allow-private-network": "true",
            }
        return headers
