"""The seven-step funnel from the rollups, beside chdb on the raw events and beside one ORM query a session. All must agree to the unit.

    python -m tests.load funnel          EVENTS=10000000 by default

A part of the visits is planted and stored as the process of the events does it. The rest are copies of them, other visits of other
viewers: their rollups are copied in PostgreSQL, their events on the way to chdb. To store ten million one by one takes ten minutes
(`ingest` measures that) and changes neither what the rollups hold nor what chdb reads.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from merchants.foundation.tenancy import in_schema  # noqa: E402
from rooms.insights.events.kinds import STEPS  # noqa: E402
from rooms.insights.events.models import Event, SessionFact  # noqa: E402
from rooms.insights.ingest.merge import store  # noqa: E402
from rooms.insights.ingest.partitions import ensure_days  # noqa: E402
from rooms.insights.ingest.places import Places  # noqa: E402
from rooms.insights.ingest.rows import days_of  # noqa: E402
from rooms.insights.queries.port import get_port  # noqa: E402
from rooms.insights.queries.shapes import DAY_MS, Question, Slice  # noqa: E402
from tests.load.analytics import make_story, planted  # noqa: E402
from tests.load.report import median, print_row  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".cache" / "bench-chdb"
EVENTS = int(os.environ.get("EVENTS", "10000000"))
PLANTED_VISITS = 10_000
PARCELS_A_BATCH = 1_000
ROUNDS, ORM_SESSIONS = 9, 400
GOAL_S = 0.1
BEGIN_MS = 1_795_000_000_000

# The last eight digits of planted viewers and visits are zeros, which the number of a copy takes the place of; 0 is the visit itself.
_OTHER = "overlay({column}::text placing lpad(to_hex({number}), 8, '0') from 29)::uuid"
_COLUMNS = [field.column for field in SessionFact._meta.concrete_fields]
_COPIED = {name: _OTHER.format(column=name, number="%(number)s") for name in ("viewer_id", "session_id")}
_COPY_ROLLUPS = f"""
INSERT INTO insights_session_fact ({", ".join(_COLUMNS)})
SELECT {", ".join(_COPIED.get(name, name) for name in _COLUMNS)} FROM insights_session_fact WHERE right(session_id::text, 8) = '00000000'
"""  # noqa: S608  our own columns
# Rolling up writes a visit twice, so that the table has as many dead rows as living ones until they are swept away. So have the copies.
_WRITE_AGAIN = "UPDATE insights_session_fact SET orders = orders WHERE right(session_id::text, 8) = lpad(to_hex(%(number)s), 8, '0')"
_EVENTS = f"""
COPY (
    SELECT {_OTHER.format(column="session_id", number="number")}, (extract(epoch FROM at) * 1000)::bigint, kind
    FROM insights_event, generate_series(0, {{copies}}) AS number WHERE session_id IS NOT NULL
) TO STDOUT
"""  # noqa: S608


def main() -> None:
    copies, sessions = fill()
    ours_s, counts = measure_rollup()
    peer = measure_chdb(copies)
    events = peer["events"]
    if peer["counts"] != counts:
        sys.exit(f"funnel: chdb counts {peer['counts']}, the rollups {counts}")
    orm_s = measure_orm(sessions)
    scale = f"on {events / 1e6:.1f} M events"
    print(f"funnel: {events:,} events, {sessions:,} visits; rollups and chdb agree: {counts}")
    print_row("funnel/rollup", ours=ours_s, unit=f"s {scale}", peer="goal for 10 M", peers=GOAL_S, goal="<= 1.0")
    print_row("funnel/chdb", ours=ours_s, unit=f"s {scale}", peer="chdb on raw events", peers=median(peer["times"]), goal="<= 0.5")
    print_row("funnel/orm", ours=ours_s, unit=f"s {scale}", peer=f"ORM, from {ORM_SESSIONS} visits", peers=orm_s, goal="<= 0.001")


def fill() -> tuple[int, int]:
    """Returns how many copies there are of each planted visit, and how many visits in all."""
    plants, places = planted("aurora", make_story("aurora"), visits=PLANTED_VISITS, begin_ms=BEGIN_MS, seed=3), Places()
    ensure_days(days_of(plants.parcels))
    for begin in range(0, len(plants.parcels), PARCELS_A_BATCH):
        store("aurora", plants.parcels[begin : begin + PARCELS_A_BATCH], places)
    with in_schema("aurora"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM insights_event WHERE session_id IS NOT NULL")
        copies = max(0, round(EVENTS / cursor.fetchone()[0]) - 1)
        for number in range(1, copies + 1):
            cursor.execute(_COPY_ROLLUPS, {"number": number})
            cursor.execute(_WRITE_AGAIN, {"number": number})
        cursor.execute("SELECT count(*) FROM insights_session_fact")
        (sessions,) = cursor.fetchone()
    if sessions != PLANTED_VISITS * (copies + 1):
        sys.exit(f"funnel: {sessions} visits are rolled up, {PLANTED_VISITS * (copies + 1)} were planted")
    return copies, sessions


def measure_rollup() -> tuple[float, list[int]]:
    times, counts = [], []
    with in_schema("aurora"):
        for _ in range(ROUNDS):
            started = time.perf_counter()
            rows = get_port().list_funnel(Question(Slice()))
            times.append(time.perf_counter() - started)
            counts = [row.sessions for row in rows]
    return median(times), counts


def measure_chdb(copies: int) -> dict[str, Any]:
    """In a process of its own, as it would run."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    path = WORK / "events.tsv"
    with path.open("wb") as file, in_schema("aurora"), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        with cursor.copy(_EVENTS.format(copies=copies)) as copy:
            for block in copy:
                file.write(block)
    program = Path(__file__).parent / "peers" / "chdb_funnel.py"
    done = subprocess.run([sys.executable, str(program), str(path), str(WORK / "data")], capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        sys.exit(f"funnel: chdb failed: {done.stderr.strip()[-500:]}")
    shutil.rmtree(WORK, ignore_errors=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def measure_orm(sessions: int) -> float:
    """The plain way, from a sample: each visit's steps by a query of its own, folded in Python."""
    with in_schema("aurora"):
        sample = list(Event.objects.filter(kind=1).values_list("session_id", flat=True)[:ORM_SESSIONS])
        started = time.perf_counter()
        for session_id in sample:
            steps = Event.objects.filter(session_id=session_id, kind__lte=len(STEPS)).order_by("at", "kind").values_list("kind", "at")
            fold(steps)
        return (time.perf_counter() - started) * sessions / len(sample)


def fold(steps: object) -> int:
    wanted, begun = 1, None
    for kind, at in steps:  # type: ignore[attr-defined]
        if kind == wanted and (begun is None or (at - begun).total_seconds() * 1000 <= DAY_MS):
            begun, wanted = begun or at, wanted + 1
    return wanted - 1


if __name__ == "__main__":
    main()
