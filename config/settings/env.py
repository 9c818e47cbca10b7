"""The only reader of the process environment.

Every name below is documented in the README's configuration table. With none set, the embedded default runs.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parents[2]


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name)
    return default if not value else value.lower() in {"1", "true", "yes", "on"}


def whole(name: str, default: int) -> int:
    value = text(name)
    return int(value) if value else default


@dataclass(frozen=True)
class DatabaseAddress:
    """The parts of a `postgresql://user:password@host:port/name` address."""

    user: str
    password: str
    host: str
    port: int
    name: str

    @classmethod
    def parse(cls, url: str) -> "DatabaseAddress":
        parts = urlsplit(url)
        return cls(
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 5432,
            name=parts.path.lstrip("/") or "cliffhanger",
        )


DEBUG = flag("DEBUG")
DATA_DIR = Path(text("DATA", str(BASE_DIR / ".data"))).resolve()

DATABASE_URL = text("DATABASE_URL", "postgresql://cliffhanger_app@127.0.0.1:5432/cliffhanger")
DATABASE_OWNER_URL = text("DATABASE_OWNER_URL", DATABASE_URL)
APPLICATION_ROLE = text("APPLICATION_ROLE")
# Connections a process keeps open between requests and looks, at most; 0 opens one for each.
DATABASE_POOL_SIZE = whole("DATABASE_POOL_SIZE", 20)
VALKEY_URL = text("VALKEY_URL", "redis://127.0.0.1:6379/0")

# Without a key every process makes its own: fine for a one-off command, useless for a deployment,
# which `manage.py check --deploy` reports.
SECRET_KEY = text("SECRET_KEY") or secrets.token_urlsafe(64)

ALLOWED_DOMAIN = text("ALLOWED_DOMAIN", "localhost")
PUBLIC_SCHEME = text("PUBLIC_SCHEME", "http")
PUBLIC_PORT = whole("PORT", 8000)
# Roles that must set up a second factor before the office opens; by default wherever people come over HTTPS.
SECOND_FACTOR_ROLES = frozenset(text("SECOND_FACTOR_ROLES", "owner,finance,operator" if PUBLIC_SCHEME == "https" else "").replace(" ", "").split(","))

MEDIA_STORAGE = text("MEDIA_STORAGE", f"file://{DATA_DIR / 'media'}")
MEDIA_ENGINE = text("MEDIA_ENGINE", "aiortc")
# Of a media node: addresses of this machine to offer to browsers (all without it), the public one where the machine only has a
# private one, and how many peers it takes.
MEDIA_NODE_ADDRESSES = text("MEDIA_NODE_ADDRESSES")
MEDIA_NODE_ANNOUNCE = text("MEDIA_NODE_ANNOUNCE")
MEDIA_NODE_PEERS = whole("MEDIA_NODE_PEERS", 150)
# Where media nodes lay what they record, for the workers to take from: a folder both can reach. `off`: live parts are not recorded.
RECORDINGS = text("RECORDINGS", str(DATA_DIR / "recordings"))
# With MEDIA_ENGINE=janus: its WebSocket API, the API's secret, and the videoroom's admin key.
JANUS_URL = text("JANUS_URL", "ws://127.0.0.1:8188")
JANUS_SECRET = text("JANUS_SECRET")
JANUS_ADMIN_KEY = text("JANUS_ADMIN_KEY")
# Where a media node serves its rooms' low-latency HLS to web processes and nginx (an address; empty for not at all), on which port
# (0 for any), and whether nginx stands in front and fetches it itself.
MEDIA_HLS_HOST = text("MEDIA_HLS_HOST", "127.0.0.1")
MEDIA_HLS_PORT = whole("MEDIA_HLS_PORT", 0)
LIVE_HLS_BY_NGINX = flag("LIVE_HLS_BY_NGINX")
# So many watch a room by WebRTC; who comes later watches by low-latency HLS.
LIVE_WEBRTC_VIEWERS = whole("LIVE_WEBRTC_VIEWERS", 100)
# `stun:` and `turn:` addresses for browsers, separated by commas; the secret is coturn's `static-auth-secret`.
TURN_URLS = text("TURN_URLS")
TURN_SECRET = text("TURN_SECRET")
FFMPEG_BIN = text("FFMPEG_BIN")

STRIPE_SECRET_KEY = text("STRIPE_SECRET_KEY", "sk_test_embedded")
STRIPE_PUBLISHABLE_KEY = text("STRIPE_PUBLISHABLE_KEY", "pk_test_embedded")
STRIPE_WEBHOOK_SECRET = text("STRIPE_WEBHOOK_SECRET", "whsec_embedded")
STRIPE_API_BASE = text("STRIPE_API_BASE")

CLICKHOUSE_URL = text("CLICKHOUSE_URL")
SENTRY_DSN = text("SENTRY_DSN")
EMAIL_URL = text("EMAIL_URL")
MAIL_FROM = text("MAIL_FROM", f"shop@{ALLOWED_DOMAIN}")
LOG_LEVEL = text("LOG_LEVEL", "INFO")
IS_DEMO = flag("DEMO")
DEMO_PASSWORD = text("DEMO_PASSWORD")
# Pixels per point of the demo's films: 1 is 540x960.
DEMO_DENSITY = float(text("DEMO_DENSITY", "1"))
