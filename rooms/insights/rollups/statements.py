"""The SQL of the rollups. `insights_fresh` holds the events that are new in this transaction; the event table holds them too.

Sums move by difference: what the touched visits counted before is taken out, what they count now is put in. So a late event,
a repeated one, or one that moves a visit to another day leaves every total as if all had arrived in order.
"""

# ruff: noqa: S608  what is put in are our own names and numbers; values are parameters

from collections.abc import Sequence

from rooms.insights.events.kinds import FIRST_STEP_OF_CUE, OF_LEDGER, STEPS, Kind

# An order belongs to the buyer's latest visit to the room that began in the week before it; a visit's funnel is eight days long.
ATTRIBUTION_DAYS = 7
LONGEST_VISIT_DAYS = 8

_LAST = int(STEPS[-1])
_LEDGER = f"({', '.join(str(int(kind)) for kind in OF_LEDGER)})"

TEMPORARY = (
    "CREATE TEMP TABLE IF NOT EXISTS insights_fresh (LIKE public.insights_event) ON COMMIT DELETE ROWS",
    "CREATE TEMP TABLE IF NOT EXISTS insights_signed (sign smallint, LIKE public.insights_session_fact) ON COMMIT DELETE ROWS",
    "CREATE TEMP TABLE IF NOT EXISTS insights_pair (room_id uuid, viewer_id uuid) ON COMMIT DELETE ROWS",
    "CREATE TEMP TABLE IF NOT EXISTS insights_refold (session_id uuid, first_at timestamptz) ON COMMIT DELETE ROWS",
)

# The visits of everybody who did something; written before the change with -1, after it with 1.
SIGN = """
INSERT INTO insights_signed
SELECT %(sign)s, fact.* FROM (SELECT DISTINCT room_id, viewer_id FROM insights_fresh) touched
JOIN insights_session_fact fact ON fact.tenant_id = %(tenant)s AND fact.room_id = touched.room_id AND fact.viewer_id = touched.viewer_id
"""

# Visits whose day is another one by the shop's present clock.
SIGN_MISDATED = """
INSERT INTO insights_signed
SELECT -1, fact.* FROM insights_session_fact fact
WHERE fact.tenant_id = %(tenant)s AND fact.on_day <> (fact.first_at AT TIME ZONE %(zone)s)::date
"""

REDATE = """
UPDATE insights_session_fact fact SET on_day = (fact.first_at AT TIME ZONE %(zone)s)::date
FROM insights_signed before WHERE fact.tenant_id = %(tenant)s AND fact.session_id = before.session_id
"""

SIGN_REDATED = """
INSERT INTO insights_signed
SELECT 1, fact.* FROM insights_signed before
JOIN insights_session_fact fact ON fact.tenant_id = %(tenant)s AND fact.session_id = before.session_id
"""

VISITS = f"""
INSERT INTO insights_session_fact AS fact (
    tenant_id, session_id, room_id, viewer_id, season_id, first_at, last_at, on_day, watched_ms, stalled_ms, first_place, furthest_place,
    danmaku, likes, gifts, clicks, surface, source, variant, revenue_minor, orders
)
SELECT
    %(tenant)s, session_id, room_id, viewer_id, max(season_id::text)::uuid, min(at), max(at), (min(at) AT TIME ZONE %(zone)s)::date,
    coalesce(sum(value) FILTER (WHERE kind IN ({Kind.HEARTBEAT:d}, {Kind.EXIT:d})), 0), coalesce(sum(value) FILTER (WHERE kind = {Kind.STALL:d}), 0),
    min(place), max(place),
    count(*) FILTER (WHERE kind = {Kind.DANMAKU:d}), coalesce(sum(value) FILTER (WHERE kind = {Kind.LIKE:d}), 0),
    coalesce(sum(value) FILTER (WHERE kind = {Kind.GIFT:d}), 0), count(*) FILTER (WHERE kind = {Kind.CUE_CLICKED:d}),
    coalesce(max(surface), ''), coalesce(max(source), ''), coalesce(max(variant), ''), 0, 0
FROM insights_fresh WHERE session_id IS NOT NULL AND kind NOT IN {_LEDGER}
GROUP BY session_id, room_id, viewer_id
ON CONFLICT (tenant_id, session_id) DO UPDATE SET
    season_id = greatest(fact.season_id, excluded.season_id),
    first_at = least(fact.first_at, excluded.first_at),
    last_at = greatest(fact.last_at, excluded.last_at),
    on_day = (least(fact.first_at, excluded.first_at) AT TIME ZONE %(zone)s)::date,
    watched_ms = fact.watched_ms + excluded.watched_ms,
    stalled_ms = fact.stalled_ms + excluded.stalled_ms,
    first_place = least(fact.first_place, excluded.first_place),
    furthest_place = greatest(fact.furthest_place, excluded.furthest_place),
    danmaku = fact.danmaku + excluded.danmaku,
    likes = fact.likes + excluded.likes,
    gifts = fact.gifts + excluded.gifts,
    clicks = fact.clicks + excluded.clicks,
    surface = greatest(fact.surface, excluded.surface),
    source = greatest(fact.source, excluded.source),
    variant = greatest(fact.variant, excluded.variant)
"""

# Viewers whose orders may belong to another visit now: an order came, a visit is new, or it began earlier than was known.
PAIRS = f"""
INSERT INTO insights_pair
SELECT room_id, viewer_id FROM insights_fresh WHERE kind IN {_LEDGER}
UNION
SELECT fact.room_id, fact.viewer_id FROM (SELECT DISTINCT session_id FROM insights_fresh) touched
JOIN insights_session_fact fact ON fact.tenant_id = %(tenant)s AND fact.session_id = touched.session_id
LEFT JOIN insights_signed before ON before.session_id = fact.session_id
WHERE before.session_id IS NULL OR fact.first_at < before.first_at
"""

ATTRIBUTE = f"""
UPDATE insights_event event SET session_id = chosen.session_id
FROM (
    SELECT said.id, said.at, (
        SELECT fact.session_id FROM insights_session_fact fact
        WHERE fact.tenant_id = %(tenant)s AND fact.room_id = said.room_id AND fact.viewer_id = said.viewer_id
            AND fact.first_at <= said.at AND fact.first_at > said.at - interval '{ATTRIBUTION_DAYS} days'
        ORDER BY fact.first_at DESC, fact.session_id DESC LIMIT 1
    ) AS session_id
    FROM insights_pair pair
    JOIN insights_event said ON said.tenant_id = %(tenant)s AND said.room_id = pair.room_id AND said.viewer_id = pair.viewer_id
    WHERE said.kind IN {_LEDGER} AND said.at >= %(from_at)s AND said.at < %(to_at)s
) chosen
WHERE event.id = chosen.id AND event.at = chosen.at AND event.session_id IS DISTINCT FROM chosen.session_id
    AND event.at >= %(from_at)s AND event.at < %(to_at)s
"""

REFOLD = f"""
INSERT INTO insights_refold
SELECT fact.session_id, fact.first_at FROM (SELECT DISTINCT session_id FROM insights_fresh WHERE kind <= {_LAST}) touched
JOIN insights_session_fact fact ON fact.tenant_id = %(tenant)s AND fact.session_id = touched.session_id
UNION
SELECT fact.session_id, fact.first_at FROM insights_pair pair
JOIN insights_session_fact fact ON fact.tenant_id = %(tenant)s AND fact.room_id = pair.room_id AND fact.viewer_id = pair.viewer_id
"""

_STEPS_OF_VISITS = f"""
    FROM insights_refold visit
    JOIN insights_event event ON event.session_id = visit.session_id AND event.kind <= {_LAST}
        AND event.at >= %(from_at)s AND event.at < %(to_at)s AND event.at < visit.first_at + interval '{LONGEST_VISIT_DAYS} days'
"""
_IN_ORDER = "ORDER BY event.at, event.kind, event.id"


def _after(first: int, step: int) -> str:
    """Milliseconds from the step `first` to `step`, both counted from 1."""
    return f"(extract(epoch FROM folded.at[{step}] - folded.at[{first}]) * 1000)::integer"


FUNNEL = f"""
WITH steps AS (
    SELECT visit.session_id, array_agg(event.kind {_IN_ORDER}) AS kinds, array_agg(event.at {_IN_ORDER}) AS ats,
        sum(event.value) FILTER (WHERE event.kind = {Kind.PAID:d}) AS revenue, count(*) FILTER (WHERE event.kind = {Kind.PAID:d}) AS orders
    {_STEPS_OF_VISITS}
    GROUP BY visit.session_id
), folded AS (
    SELECT visit.session_id, coalesce(steps.revenue, 0) AS revenue, coalesce(steps.orders, 0) AS orders,
        insights_fold(1, {_LAST}, steps.kinds, steps.ats) AS at
    FROM insights_refold visit LEFT JOIN steps USING (session_id)
)
UPDATE insights_session_fact fact SET
    entered_at = folded.at[1], play_ms = {_after(1, 2)}, cue_ms = {_after(1, 3)}, click_ms = {_after(1, 4)}, bag_ms = {_after(1, 5)},
    checkout_ms = {_after(1, 6)}, paid_ms = {_after(1, 7)}, revenue_minor = folded.revenue, orders = folded.orders
FROM folded WHERE fact.tenant_id = %(tenant)s AND fact.session_id = folded.session_id
"""

CUES = f"""
WITH steps AS (
    SELECT visit.session_id, event.cue_id, (array_agg(event.room_id))[1] AS room_id,
        (array_agg(event.episode_id {_IN_ORDER}) FILTER (WHERE event.kind = {FIRST_STEP_OF_CUE:d}))[1] AS episode_id,
        array_agg(event.kind {_IN_ORDER}) AS kinds, array_agg(event.at {_IN_ORDER}) AS ats
    {_STEPS_OF_VISITS}
    WHERE event.cue_id IS NOT NULL AND event.kind >= {FIRST_STEP_OF_CUE:d}
    GROUP BY visit.session_id, event.cue_id
), folded AS (
    SELECT session_id, cue_id, room_id, episode_id, insights_fold({FIRST_STEP_OF_CUE:d}, {_LAST}, kinds, ats) AS at FROM steps
)
INSERT INTO insights_cue_fact AS fact (
    tenant_id, session_id, cue_id, room_id, episode_id, shown_at, click_ms, bag_ms, checkout_ms, paid_ms
)
SELECT %(tenant)s, session_id, cue_id, room_id, episode_id, at[1], {_after(1, 2)}, {_after(1, 3)}, {_after(1, 4)}, {_after(1, 5)}
FROM folded WHERE at[1] IS NOT NULL
ON CONFLICT (tenant_id, session_id, cue_id) DO UPDATE SET
    episode_id = excluded.episode_id, shown_at = excluded.shown_at, click_ms = excluded.click_ms, bag_ms = excluded.bag_ms,
    checkout_ms = excluded.checkout_ms, paid_ms = excluded.paid_ms
"""


def _move(table: str, keys: Sequence[str], measures: dict[str, str], source: str = "insights_signed") -> str:
    """Add the difference of each measure, a column and its expression, to the row of the keys."""
    names, sums = ", ".join(measures), [f"sum({expression})" for expression in measures.values()]
    added = ", ".join(f"{name} = total.{name} + excluded.{name}" for name in measures)
    return f"""
INSERT INTO {table} AS total (tenant_id, {", ".join(keys)}, {names})
SELECT %(tenant)s, {", ".join(keys)}, {", ".join(sums)} FROM {source}
GROUP BY {", ".join(keys)} HAVING {" OR ".join(f"{total} <> 0" for total in sums)}
ON CONFLICT (tenant_id, {", ".join(keys)}) DO UPDATE SET {added}
"""


RETENTION = _move(
    "insights_retention_bucket",
    ("room_id", "season_id", "on_day", "source", "variant", "place"),
    {"began": "began", "ended": "ended"},
    source="""(
    SELECT room_id, season_id, on_day, source, variant, first_place AS place, sign AS began, 0 AS ended FROM insights_signed
    UNION ALL
    SELECT room_id, season_id, on_day, source, variant, furthest_place, 0, sign FROM insights_signed
) ends WHERE place IS NOT NULL AND season_id IS NOT NULL""",
)

_SUMS = {name: f"sign * {name}" for name in ("orders", "clicks", "watched_ms", "revenue_minor")}

DAYS = _move(
    "insights_daily_fact",
    ("room_id", "on_day", "source", "variant"),
    {
        "sessions": "sign",
        "paid_sessions": "CASE WHEN orders > 0 THEN sign ELSE 0 END",
        **_SUMS,
        **{name: f"sign * {name}" for name in ("danmaku", "likes", "gifts", "stalled_ms")},
    },
)

VIEWERS = _move(
    "insights_viewer_fact",
    ("room_id", "variant", "viewer_id"),
    {"sessions": "sign", "interactions": "sign * (danmaku + likes + gifts)", **_SUMS},
)
