"""STUN and TURN servers for browsers. Credentials are coturn's REST kind (`use-auth-secret`): who and until when, sealed by HMAC."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from merchants.foundation import clock as wall
from realtime.rtc.whip import IceServer

LIFETIME_S = 3600


@dataclass(frozen=True)
class IceServers:
    """`servers` share their credentials, which open a relay until `expires_at_ms` (milliseconds since 1970)."""

    servers: Sequence[IceServer]
    expires_at_ms: int


def list_ice_servers(schema: str, who: str) -> IceServers:
    """`who` is only for the relay's log: a viewer's id."""
    expires_at_s = wall.now_ms() // 1000 + LIFETIME_S
    username = f"{expires_at_s}:{schema}-{who}"
    credential = base64.b64encode(hmac.new(settings.TURN_SECRET.encode(), username.encode(), hashlib.sha1).digest()).decode()
    servers = [IceServer(url, username, credential) if url.startswith(("turn:", "turns:")) else IceServer(url) for url in settings.TURN_URLS]
    return IceServers(servers, expires_at_s * 1000)
