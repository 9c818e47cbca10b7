"""The ClickHouse of the tests, and what they ask of it beside the product."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.test import override_settings

from merchants.foundation.tenancy import in_schema
from rooms.insights.clickhouse import connection, mirror
from rooms.insights.clickhouse.table import TABLE
from rooms.insights.events.messages import Parcel
from rooms.insights.ingest.places import Places
from rooms.insights.ingest.rows import episodes_of, rows_of

ROOT = Path(__file__).resolve().parents[3]
# As an operator may have it: what does not stand in an address as it is.
USER, PASSWORD = "insights", "a/b:c@d é"


def serve(folder: Path) -> Iterator[str]:
    """The address of a running one, for as long as somebody reads."""
    command = [sys.executable, "-m", "tests.rooms.insights.clickhouse_front", str(folder), USER, PASSWORD]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/default"
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def in_use(url: str) -> Iterator[None]:
    """The product is told of it for the block, and its table is empty at the beginning."""
    with override_settings(CLICKHOUSE_URL=url):
        empty()
        yield


def empty() -> None:
    """And no merge hides what `FINAL` has to see to: copies stay where they were written."""
    connection.ensure_table()
    connection._client().command(f"SYSTEM STOP MERGES {TABLE}")
    connection._client().command(f"TRUNCATE TABLE {TABLE}")


def write(schema: str, parcels: Sequence[Parcel], *, at_once: int = 700) -> None:
    """As the process of the events does, in batches."""
    places = Places()
    with in_schema(schema):
        for begin in range(0, len(parcels), at_once):
            batch = parcels[begin : begin + at_once]
            mirror.append(list(rows_of(batch, places.find(episodes_of(batch)))))


def count(what: str = "count()", *, where: str = "1") -> int:
    """Of the rows of all shops, as they lie there: past the product's own way, copies among them."""
    return int(connection._client().query(f"SELECT {what} FROM {TABLE} WHERE {where}").result_rows[0][0])  # noqa: S608
