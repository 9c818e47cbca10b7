"""One POST to an endpoint, on a connection that each sending thread keeps open."""

import http.client
import threading
from urllib.parse import urlsplit

TIMEOUT_S = 10.0
_local = threading.local()


class Undelivered(Exception):
    """No answer: refused, reset, timed out, or not HTTP."""


def post(address: str, body: bytes, signature: str) -> int:
    """Send and give the status; redirects are not followed. Raises: Undelivered."""
    parts = urlsplit(address)
    key = (parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Host": parts.netloc,
        "Stripe-Signature": signature,
        "User-Agent": "Stripe/1.0 (sandbox; +https://stripe.com/docs/webhooks)",
    }
    connections = _connections()
    for is_retry in (False, True):
        connection = connections.pop(key, None)
        if connection is None or is_retry:
            connection, is_fresh = _open(key), True
        else:
            is_fresh = False
        try:
            status = _exchange(connection, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            if is_fresh:
                raise Undelivered(f"{type(error).__name__}: {error}") from error
            continue  # the peer had closed the kept connection; once more on a new one
        connections[key] = connection
        return status
    raise Undelivered("connection lost")


def _exchange(connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> int:
    connection.request("POST", path, body=body, headers=headers)
    response = connection.getresponse()
    response.read(65536)
    if response.will_close or not response.isclosed():
        connection.close()
    return response.status


def _connections() -> dict[tuple[str, str, int], http.client.HTTPConnection]:
    kept: dict[tuple[str, str, int], http.client.HTTPConnection] = _local.__dict__.setdefault("connections", {})
    return kept


def _open(key: tuple[str, str, int]) -> http.client.HTTPConnection:
    scheme, host, port = key
    # `*.localhost` is this machine (RFC 6761), but getaddrinfo does not know it everywhere.
    reachable = "127.0.0.1" if host.endswith(".localhost") else host
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    return kind(reachable, port, timeout=TIMEOUT_S)
