"""A real Janus for tests: a process with a configuration of its own on free ports of the loopback, ended by its id."""

import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.debian import find_program
from config.embedded.processes import free_port, start, stop, wait_for_port
from realtime.rtc.engine.janus import JanusEngine
from realtime.rtc.node import Node

MISSING = "Janus is needed: sudo apt-get install janus, or run python3 config/install.py --dev --browser"
KEPT_PLUGIN, KEPT_TRANSPORT = "libjanus_videoroom.so", "libjanus_websockets.so"

CORE = """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{plugins}"
  transports_folder = "{transports}"
  events_folder = "{folder}"
  loggers_folder = "{folder}"
  api_secret = "{secret}"
  interface = "127.0.0.1"
  hide_dependencies = true
  event_loops = {event_loops}
}}
nat: {{ full_trickle = false }}
plugins: {{ disable = "{other_plugins}" }}
transports: {{ disable = "{other_transports}" }}
"""
SOCKETS = """
general: {{
  json = "compact"
  ws = true
  ws_ip = "127.0.0.1"
  ws_port = {port}
}}
admin: {{ admin_ws = false }}
"""
VIDEOROOM = """
general: {{
  admin_key = "{admin_key}"
  lock_rtp_forward = true
}}
"""


@dataclass
class Janus:
    url: str
    secret: str
    admin_key: str
    process: "subprocess.Popen[bytes]"

    def engine(self, node: Node | None = None) -> JanusEngine:
        """Not started."""
        return JanusEngine(node or Node(), url=self.url, secret=self.secret, admin_key=self.admin_key)


@contextmanager
def running_janus(folder: Path, *, event_loops: int = 1, port: int = 0, secrets_of: Janus | None = None) -> Iterator[Janus]:
    """`secrets_of`: one that it stands in the place of. Raises: LookupError where there is no Janus, ServiceFailed when it does not start."""
    program = find_program("janus")
    if program is None:
        raise LookupError(MISSING)
    port = port or free_port()
    secret, admin_key = (secrets_of.secret, secrets_of.admin_key) if secrets_of else (secrets.token_hex(8), secrets.token_hex(8))
    janus = Janus(f"ws://127.0.0.1:{port}", secret, admin_key, process=None)  # type: ignore[arg-type]
    plugins, transports = (program.find(f"usr/lib/*/janus/{kind}") for kind in ("plugins", "transports"))
    settings = {
        "folder": folder,
        "plugins": plugins,
        "transports": transports,
        "secret": janus.secret,
        "admin_key": janus.admin_key,
        "port": port,
        "event_loops": event_loops,
        "other_plugins": _others(plugins, KEPT_PLUGIN),
        "other_transports": _others(transports, KEPT_TRANSPORT),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("janus", CORE), ("janus.transport.websockets", SOCKETS), ("janus.plugin.videoroom", VIDEOROOM)):
        (folder / f"{name}.jcfg").write_text(text.format(**settings))
    log = folder / "log"
    command = [str(program.path), "-F", str(folder), "-C", str(folder / "janus.jcfg"), "--disable-colors"]
    janus.process = start(command, log=log, env=program.environment)
    try:
        wait_for_port(port, janus.process, name="Janus", log=log)
        yield janus
    finally:
        stop(janus.process)


def _others(folder: Path, kept: str) -> str:
    return ",".join(sorted(found.name for found in folder.glob("*.so") if found.name != kept))
