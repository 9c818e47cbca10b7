"""A ClickHouse for tests: the embedded engine (chdb) behind the part of ClickHouse's HTTP interface that the product's client speaks.

    python -m tests.rooms.insights.clickhouse_front FOLDER USER PASSWORD       says its port on the first line

The engine is ClickHouse's own; sign-in, compression, chunked bodies, parameters and settings come as the client sends them. What it
lacks of a server: several questions at a time, and the queue behind `async_insert`.
"""

import base64
import re
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb
import lz4.frame

OF_THE_INTERFACE = {
    "database", "query", "query_id", "session_id", "session_timeout", "wait_end_of_query", "enable_http_compression",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms", "client_protocol_version",
    "cancel_http_readonly_queries_on_client_close", "async_insert", "wait_for_async_insert",
}  # fmt: skip
DATABASE = "default"
FORMAT = re.compile(r"\s+FORMAT\s+(\w+)\s*$")
INSERT = re.compile(rb"(INSERT INTO \S+ \([^)]*\)) FORMAT Native\n")
READS = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)
CODE = re.compile(r"Code: (\d+)\.")


class Engine:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._connection = chdb.connect(str(folder / "data"))
        self._lock = threading.Lock()

    def answer(self, statement: bytes, values: dict[str, str], settings: dict[str, str]) -> tuple[str, bytes]:
        """Format and body. Raises: RuntimeError, in the engine's words."""
        if written := INSERT.match(statement):
            return "Native", self._insert(written[1].decode(), statement[written.end() :])
        text = statement.decode()
        wanted = FORMAT.search(text)
        form, text = (wanted[1], text[: wanted.start()]) if wanted else ("TabSeparated", text)
        if settings and READS.match(text):
            text += "\nSETTINGS " + ", ".join(f"{name} = {_quoted(value)}" for name, value in settings.items())
        return form, self._query(text, form, values)

    def _insert(self, begin: str, block: bytes) -> bytes:
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".native") as file:
            file.write(block)
            file.flush()
            return self._query(f"{begin} FROM INFILE {_quoted(file.name)} FORMAT Native", "TabSeparated", {})

    def _query(self, text: str, form: str, values: dict[str, str]) -> bytes:
        with self._lock:
            return bytes(self._connection.query(text, form, params=values).bytes() or b"")


class Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    engine: Engine
    signed: str

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self._body()
        if self.path == "/ping":
            return self._send(200, b"Ok.\n")
        said = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if self.headers.get("Authorization") != self.signed:
            return self._refuse("Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)", status=403)
        if said.get("database", DATABASE) != DATABASE:
            return self._refuse(f"Code: 81. DB::Exception: Database {said['database']} does not exist. (UNKNOWN_DATABASE)", status=404)
        values = {name.removeprefix("param_"): value for name, value in said.items() if name.startswith("param_")}
        settings = {name: value for name, value in said.items() if name not in OF_THE_INTERFACE and not name.startswith("param_")}
        statement = b"\n".join(part for part in (said.get("query", "").encode(), body) if part)
        try:
            form, answer = self.engine.answer(statement, values, settings)
        except RuntimeError as error:
            return self._refuse(str(error))
        self._send(200, answer, {"X-ClickHouse-Format": form})

    def _body(self) -> bytes:
        """Chunks put together, and unpacked."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(iter(self._chunk, b""))
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        return bytes(lz4.frame.decompress(body)) if self.headers.get("Content-Encoding") == "lz4" else body

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def _refuse(self, text: str, *, status: int = 500) -> None:
        code = CODE.search(text)
        self._send(status, text.encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "0"})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body)), "X-ClickHouse-Timezone": "UTC"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Quiet."""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def main(folder: str, user: str, password: str) -> None:
    Front.engine = Engine(Path(folder))
    Front.signed = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
