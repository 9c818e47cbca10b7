"""How fast viewer events become rows and rollups: from the append that is acknowledged after fsync to the consumer's own
acknowledgement, both at work at once, beside one ORM `create` an event.

    python -m tests.load ingest          EVENTS=300000 by default
"""

import os
import subprocess
import sys
import time

import django

django.setup()

from django.db import connection  # noqa: E402
from redis.exceptions import ResponseError  # noqa: E402

from merchants.foundation.tenancy import in_schema  # noqa: E402
from rooms.insights.events import stream  # noqa: E402
from rooms.insights.events.messages import Parcel  # noqa: E402
from rooms.insights.events.models import Event  # noqa: E402
from rooms.insights.ingest.places import Places  # noqa: E402
from rooms.insights.ingest.rows import COLUMNS, episodes_of, rows_of  # noqa: E402
from rooms.program.air import client  # noqa: E402
from tests.load.analytics import make_story, planted  # noqa: E402
from tests.load.report import print_row  # noqa: E402

EVENTS = int(os.environ.get("EVENTS", "300000"))
EVENTS_A_VISIT = 22
# A browser sends every five seconds: a heartbeat, seldom more.
EVENTS_A_PARCEL = 4
# What a busy web process has gathered after 50 ms, as one entry.
PARCELS_A_FLUSH = 50
ORM_EVENTS = 3_000
GOAL_A_SECOND = 30_000
BEGIN_MS = 1_795_000_000_000
TIMEOUT_S = 600


def main() -> None:
    episodes = make_story("aurora")
    parcels = split(planted("aurora", episodes, visits=EVENTS // EVENTS_A_VISIT, begin_ms=BEGIN_MS, seed=1).parcels)
    ours = measure_stream(parcels)
    orm = measure_orm(split(planted("aurora", episodes, visits=ORM_EVENTS // EVENTS_A_VISIT, begin_ms=BEGIN_MS, seed=2).parcels))
    print_row("ingest/orm", ours=ours, unit="events/s", peer="ORM create", peers=orm, goal=">= 15")
    print_row("ingest/rate", ours=ours, unit="events/s", peer="goal", peers=GOAL_A_SECOND, goal=">= 1.0")


def split(parcels: list[Parcel]) -> list[Parcel]:
    """As a room's browsers send: by time, a few events each, all viewers mixed."""
    small = [
        Parcel(parcel.schema, parcel.room_id, parcel.viewer_id, parcel.session, parcel.received_ms, parcel.events[begin : begin + EVENTS_A_PARCEL])
        for parcel in parcels
        for begin in range(0, len(parcel.events), EVENTS_A_PARCEL)
    ]
    return sorted(small, key=lambda parcel: parcel.events[0].id.int)


def measure_stream(parcels: list[Parcel]) -> float:
    """Events a second, from the first append until the last entry is stored and acknowledged."""
    total = sum(len(parcel.events) for parcel in parcels)
    bundles = [stream.encode(parcels[begin : begin + PARCELS_A_FLUSH]) for begin in range(0, len(parcels), PARCELS_A_FLUSH)]
    process = subprocess.Popen([sys.executable, "manage.py", "events"])
    try:
        _wait_for_consumer()
        started = time.perf_counter()
        for body in bundles:
            client().xadd(stream.STREAM, {"p": body})
        appended_s = time.perf_counter() - started
        while stream.read_lag().entries:
            if process.poll() is not None or time.perf_counter() - started > TIMEOUT_S:
                sys.exit("ingest: the consumer did not come to an end")
            time.sleep(0.02)
        took_s = time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(20)
    with in_schema("aurora"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM insights_event")
        (stored,) = cursor.fetchone()
    if stored != total:
        sys.exit(f"ingest: {stored} of {total} events are stored")
    size = total / len(parcels)
    print(f"ingest: {total:,} events, {size:.1f} a parcel; acknowledged to senders in {appended_s:.1f} s, stored in {took_s:.1f} s")
    return total / took_s


def _wait_for_consumer() -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if client().xinfo_groups(stream.STREAM):
                time.sleep(1)  # its partitions are made right after
                return
        except ResponseError:  # the stream is not there yet
            pass
        time.sleep(0.1)
    sys.exit("ingest: the consumer did not start")


def measure_orm(parcels: list[Parcel]) -> float:
    """The plain way: one row, one `create`, one commit."""
    with in_schema("aurora"):
        places = Places().find(episodes_of(parcels))
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in rows_of(parcels, places)]
        started = time.perf_counter()
        for row in rows:
            Event.objects.create(**row)
        return len(rows) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
