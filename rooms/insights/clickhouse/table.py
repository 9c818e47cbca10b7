"""The table of raw events in ClickHouse, for all shops: the rows of PostgreSQL's, without its rollups.

`ReplacingMergeTree` keeps one row a key, and a key ends with the event's id: written again, by a browser's resend, a batch that was
read twice or a backfill, an event replaces itself. That happens when parts are merged, so every question reads with `FINAL`, which
does it at once. A token for the insert would not do: a batch that is read again may be cut elsewhere. Of copies that differ (a
resend says another `received_at`) the one that was received first stands, as in PostgreSQL.

An event's moment is a part of its id, so copies never fall into two partitions and `FINAL` may look at each by itself.
"""

from uuid import UUID

TABLE = "insights_event"

# In the order of `ingest.rows.COLUMNS`.
TYPES = {
    "id": "UUID",
    "room_id": "UUID",
    "viewer_id": "UUID",
    "session_id": "UUID",
    "season_id": "Nullable(UUID)",
    "episode_id": "Nullable(UUID)",
    "cue_id": "Nullable(UUID)",
    "product_id": "Nullable(UUID)",
    "at": "DateTime64(3, 'UTC')",
    "received_at": "DateTime64(3, 'UTC')",
    "value": "Int64",
    "program_seq": "Int32",
    "position_ms": "Int32",
    "place": "Nullable(Int32)",
    "kind": "UInt8",
    "tenant_id": "LowCardinality(String)",
    "surface": "LowCardinality(String)",
    "source": "LowCardinality(String)",
    "variant": "LowCardinality(String)",
}
# What stands for nothing where a null would cost a column of its own. What the ledger says has no visit: that is found when asked.
NOTHING: dict[str, object] = {"session_id": UUID(int=0), "value": 0, "surface": "", "source": "", "variant": ""}

CREATE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    {", ".join(f"{name} {kind}" for name, kind in TYPES.items())},
    precedence UInt64 MATERIALIZED bitNot(toUInt64(toUnixTimestamp64Milli(received_at)))
) ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(at)
PRIMARY KEY (tenant_id, room_id, viewer_id)
ORDER BY (tenant_id, room_id, viewer_id, id)
"""
