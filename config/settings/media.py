"""Media: uploads, renditions, ffmpeg."""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.settings import env

MEDIA_STORAGE = env.MEDIA_STORAGE
MEDIA_ROOT = Path(urlsplit(MEDIA_STORAGE).path) if MEDIA_STORAGE.startswith("file://") else env.DATA_DIR / "media"
MEDIA_URL = "/media/"
MULTITENANT_RELATIVE_MEDIA_ROOT = "%s"
MEDIA_ENGINE = env.MEDIA_ENGINE
if MEDIA_ENGINE not in {"aiortc", "janus"}:
    raise ImproperlyConfigured(f"MEDIA_ENGINE is {MEDIA_ENGINE!r}; there are aiortc and janus.")
MEDIA_NODE_ADDRESSES = [address.strip() for address in env.MEDIA_NODE_ADDRESSES.split(",") if address.strip()]
MEDIA_NODE_ANNOUNCE = env.MEDIA_NODE_ANNOUNCE
MEDIA_NODE_PEERS = env.MEDIA_NODE_PEERS
RECORDINGS_DIR = None if env.RECORDINGS == "off" else Path(env.RECORDINGS).resolve()
# Folders of a shop's media that a slice above the player's floor fills: who says whether a file may be fetched.
MEDIA_GATES = {"recordings": "rooms.recordings.gate.admit"}
# Who counts towards a shop's media quota.
MEDIA_COUNTS = ["dramas.transcode.queries.used_bytes", "rooms.recordings.queries.used_bytes"]
JANUS_URL = env.JANUS_URL
JANUS_SECRET = env.JANUS_SECRET
JANUS_ADMIN_KEY = env.JANUS_ADMIN_KEY
MEDIA_HLS_HOST, MEDIA_HLS_PORT = env.MEDIA_HLS_HOST, env.MEDIA_HLS_PORT
LIVE_HLS_BY_NGINX = env.LIVE_HLS_BY_NGINX
LIVE_WEBRTC_VIEWERS = env.LIVE_WEBRTC_VIEWERS
TURN_URLS = [url.strip() for url in env.TURN_URLS.split(",") if url.strip()]
TURN_SECRET = env.TURN_SECRET
if not TURN_SECRET and any(url.startswith(("turn:", "turns:")) for url in TURN_URLS):
    raise ImproperlyConfigured("TURN_URLS names a relay, and TURN_SECRET, which its credentials are made of, is not set.")


def _find_ffmpeg() -> str:
    if env.FFMPEG_BIN:
        return env.FFMPEG_BIN
    import imageio_ffmpeg

    # `get_ffmpeg_exe` starts it at each call, to see that it runs.
    shipped = sorted((Path(imageio_ffmpeg.__file__).parent / "binaries").glob("ffmpeg-*"))
    return str(shipped[0]) if shipped else imageio_ffmpeg.get_ffmpeg_exe()


FFMPEG_BIN = _find_ffmpeg()
