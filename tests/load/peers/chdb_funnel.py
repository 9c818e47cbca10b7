"""The same funnel by ClickHouse's own function, over raw events in a MergeTree: chdb_funnel.py EVENTS.tsv FOLDER. Prints JSON."""

import json
import sys
import time

from chdb import session

ROUNDS = 5
TABLE = "CREATE TABLE events (session_id UUID, at_ms UInt64, kind UInt8) ENGINE = MergeTree ORDER BY (session_id, at_ms)"
# windowFunnel refuses DateTime64, so moments are milliseconds.
FUNNEL = """
SELECT level, count() FROM (
    SELECT session_id, windowFunnel(86400000)(at_ms, kind = 1, kind = 2, kind = 3, kind = 4, kind = 5, kind = 6, kind = 7) AS level
    FROM events GROUP BY session_id
) GROUP BY level FORMAT JSONCompactEachRow
"""

path, folder = sys.argv[1:]
engine = session.Session(folder)
engine.query("CREATE DATABASE IF NOT EXISTS bench")
engine.query("USE bench")
engine.query("DROP TABLE IF EXISTS events")
engine.query(TABLE)
engine.query(f"INSERT INTO events SELECT * FROM file('{path}', 'TSV', 'session_id UUID, at_ms UInt64, kind UInt8')")  # noqa: S608  our own file
engine.query("OPTIMIZE TABLE events FINAL")
times, levels = [], {}
for _ in range(ROUNDS):
    started = time.perf_counter()
    answer = str(engine.query(FUNNEL))
    times.append(time.perf_counter() - started)
    levels = {int(level): int(count) for level, count in map(json.loads, answer.splitlines())}
events = int(str(engine.query("SELECT count() FROM events")))
counts = [sum(count for level, count in levels.items() if level >= step) for step in range(1, 8)]
print(json.dumps({"events": events, "times": times, "counts": counts}))
