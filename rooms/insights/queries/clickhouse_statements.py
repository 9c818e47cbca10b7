"""The four questions as ClickHouse is asked them: over raw events, since it reads ten million of them in the time that rollups save.

`windowFunnel` would not do: it takes any entry of a visit, the product's funnel its first one. So each step's moment is worked out from
the step before it: the earliest of its kind at that moment or later. Steps are numbered in the order in which events of one
millisecond are folded, so this equals `insights_fold` of PostgreSQL.
"""

# ruff: noqa: S608  what is put in are our own names and numbers; values are parameters

from collections.abc import Sequence

from merchants.tenants.queries import get_time_zone
from rooms.insights.clickhouse.table import TABLE
from rooms.insights.events.kinds import FIRST_STEP_OF_CUE, OF_LEDGER, STEPS, Kind
from rooms.insights.queries.shapes import DAY_MS, Question, Slice
from rooms.insights.rollups.statements import ATTRIBUTION_DAYS, LONGEST_VISIT_DAYS

_GROUPS = {"none": "''", "variant": "variant", "source": "source", "room": "toString(room_id)", "season": "season"}

_CONDITIONS = {
    "room_id": "room_id = {room_id:UUID}",
    "season_id": "season = {season_id:String}",
    "source": "source = {source:String}",
    "variant": "variant = {variant:String}",
    "since": "on_day >= {since:Date}",
    "until": "on_day <= {until:Date}",
}

_LAST = int(STEPS[-1])
_SHOWN = int(FIRST_STEP_OF_CUE)
_LEDGER = f"({', '.join(str(int(kind)) for kind in OF_LEDGER)})"
# The year 10000: a step that was not made, later than any window reaches.
_NEVER = "toInt64(253402300800000)"

# An order belongs to the latest visit of its buyer to the room that began in the week before it.
_BOUGHT = f"""
ordered AS (SELECT room_id, viewer_id, id, at_ms, kind, value, cue_id FROM said WHERE kind IN {_LEDGER}),
begun AS (
    SELECT room_id, viewer_id, first_ms, argMax(session_id, toString(session_id)) AS latest_id
    FROM (
        SELECT room_id, viewer_id, session_id, min(at_ms) AS first_ms FROM said
        WHERE kind NOT IN {_LEDGER} AND viewer_id IN (SELECT viewer_id FROM ordered)
        GROUP BY room_id, viewer_id, session_id
    )
    GROUP BY room_id, viewer_id, first_ms
),
bought AS (
    SELECT begun.latest_id AS session_id, ordered.room_id AS room_id, ordered.viewer_id AS viewer_id, ordered.id AS id,
        ordered.at_ms AS at_ms, ordered.kind AS kind, ordered.value AS value, ordered.cue_id AS cue_id
    FROM ordered ASOF INNER JOIN begun
        ON begun.room_id = ordered.room_id AND begun.viewer_id = ordered.viewer_id AND begun.first_ms <= ordered.at_ms
    WHERE begun.first_ms > ordered.at_ms - {ATTRIBUTION_DAYS * DAY_MS}
)"""

_WATCHED = f"""
    SELECT session_id, room_id, viewer_id, id, at_ms, kind, value, cue_id, episode_id, season_id, place, source, variant
    FROM said WHERE kind NOT IN {_LEDGER}"""
_WATCHED_AND_BOUGHT = f"""{_WATCHED}
    UNION ALL
    SELECT session_id, room_id, viewer_id, id, at_ms, kind, value, cue_id, NULL, NULL, NULL, '', '' FROM bought
"""


def list_conditions(wanted: Slice) -> tuple[list[str], dict[str, object]]:
    """The conditions on visits, and their values."""
    values = {name: getattr(wanted, name) for name in _CONDITIONS if getattr(wanted, name) is not None}
    return [_CONDITIONS[name] for name in values], {name: str(value) if name == "season_id" else value for name, value in values.items()}


def list_values(wanted: Slice) -> dict[str, object]:
    """What every statement is given: the values of its conditions, and the zone in which the shop's days begin."""
    return list_conditions(wanted)[1] | {"zone": get_time_zone()}


def funnel(question: Question) -> str:
    """Group, and visits that reached each of the steps."""
    first, *later = steps = question.step_numbers
    counts = ", ".join(f"countIf({_within(f'step_{step}', f'step_{first}')})" for step in later)
    return f"""
WITH {_visits(question.slice, steps=steps, has_orders=True)},
climbed AS (SELECT *, {_climb(steps)} FROM visits)
SELECT {_GROUPS[question.split]} AS grouping, countIf(step_{first} != {_NEVER}), {counts}
FROM climbed {_where(question.slice)} GROUP BY grouping ORDER BY grouping
"""


def cue_funnel(question: Question) -> str:
    """The same of one cue, or of the cues of an episode: entered and watched are the visit's, the other five the cue's own."""
    cue = " AND cue_id = {cue_id:UUID}" if question.cue_id else ""
    episode = " HAVING shown_in = {episode_id:UUID}" if question.episode_id else ""
    later = range(_SHOWN + 1, _LAST + 1)
    counts = ", ".join(f"countIf(is_shown = 1 AND after_{step} <= {{window:Int64}} AND step_2 != {_NEVER})" for step in later)
    return f"""
WITH {_visits(question.slice, steps=range(1, _SHOWN))},
{_BOUGHT},
climbed AS (SELECT *, {_climb(range(1, _SHOWN))} FROM visits),
touched AS (
    SELECT session_id, cue_id, tupleElement(argMinIf(tuple(episode_id), tuple(at_ms, toString(id)), kind = {_SHOWN}), 1) AS shown_in,
        {_moments(range(_SHOWN, _LAST + 1))}
    FROM ({_WATCHED_AND_BOUGHT}) WHERE kind BETWEEN {_SHOWN} AND {_LAST} AND cue_id IS NOT NULL{cue} GROUP BY session_id, cue_id{episode}
),
followed AS (SELECT session_id, {_climb(range(_SHOWN, _LAST + 1))} FROM touched INNER JOIN climbed USING (session_id)),
shown AS (
    SELECT session_id, 1 AS is_shown, {", ".join(f"min(step_{step} - step_{_SHOWN}) AS after_{step}" for step in later)}
    FROM followed WHERE step_{_SHOWN} != {_NEVER} GROUP BY session_id
)
SELECT {_GROUPS[question.split]} AS grouping, countIf(step_1 != {_NEVER}), countIf(step_2 != {_NEVER}),
    countIf(is_shown = 1 AND step_2 != {_NEVER}), {counts}
FROM climbed LEFT JOIN shown USING (session_id) {_where(question.slice)} GROUP BY grouping ORDER BY grouping
"""


def retention(question: Question) -> str:
    """Place, visits that began there, visits that came no further."""
    return f"""
WITH {_visits(question.slice)}
SELECT tupleElement(mark, 1) AS story_place, sum(tupleElement(mark, 2)), sum(tupleElement(mark, 3))
FROM (
    SELECT arrayJoin([tuple(assumeNotNull(first_place), 1, 0), tuple(assumeNotNull(furthest_place), 0, 1)]) AS mark
    FROM visits {_where(question.slice, "first_place IS NOT NULL")}
)
GROUP BY story_place ORDER BY story_place
"""


def dwell(question: Question) -> str:
    """Visits, their milliseconds, and the five quantiles as `percentile_disc` takes them: the first value that so many do not exceed."""
    return f"""
WITH {_visits(question.slice)}
SELECT length(sorted), arraySum(sorted), arrayMap(share -> sorted[toUInt64(ceil(share * length(sorted)))], [0.25, 0.5, 0.75, 0.9, 0.95])
FROM (SELECT arraySort(groupArray(watched_ms)) AS sorted FROM visits {_where(question.slice)})
"""


def cohorts(question: Question) -> str:
    """Day of the viewer's first visit, days since, viewers, buyers, revenue."""
    return f"""
WITH {_visits(question.slice, has_orders=True)}
SELECT cohort_on, dateDiff('day', cohort_on, on_day) AS later, uniqExact(viewer_id), uniqExactIf(viewer_id, orders > 0), sum(revenue_minor)
FROM (
    SELECT viewer_id, on_day, orders, revenue_minor, min(on_day) OVER (PARTITION BY viewer_id) AS cohort_on
    FROM visits {_where(question.slice)}
)
GROUP BY cohort_on, later ORDER BY cohort_on, later
"""


def _visits(wanted: Slice, *, steps: Sequence[int] = (), has_orders: bool = False) -> str:
    """`said`, `told` and `visits`: what was said in the shop, what of it belongs to which visit, and what makes a visit.

    Nothing else names the table. Only a room narrows the events themselves: a visit's other words are known once it is put together.
    """
    room = f" AND {_CONDITIONS['room_id']}" if wanted.room_id is not None else ""
    moments = f", {_moments(steps)}" if steps else ""
    return f"""
said AS (SELECT *, toUnixTimestamp64Milli(at) AS at_ms FROM {TABLE} FINAL WHERE tenant_id = {{tenant:String}}{room}),
{f"{_BOUGHT}," if has_orders else ""}
told AS ({_WATCHED_AND_BOUGHT if has_orders else _WATCHED}),
visits AS (
    SELECT session_id, any(room_id) AS room_id, any(viewer_id) AS viewer_id, min(at_ms) AS first_ms,
        min(at_ms) + {LONGEST_VISIT_DAYS * DAY_MS} AS until_ms, toDate(toDateTime(intDiv(min(at_ms), 1000), {{zone:String}})) AS on_day,
        ifNull(max(toString(season_id)), '') AS season, max(source) AS source, max(variant) AS variant,
        sumIf(value, kind IN ({Kind.HEARTBEAT:d}, {Kind.EXIT:d})) AS watched_ms, min(place) AS first_place, max(place) AS furthest_place,
        countIf(kind = {Kind.PAID:d}) AS orders, sumIf(value, kind = {Kind.PAID:d}) AS revenue_minor{moments}
    FROM told GROUP BY session_id
)"""


def _where(wanted: Slice, *more: str) -> str:
    conditions = [*list_conditions(wanted)[0], *more]
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _moments(steps: Sequence[int]) -> str:
    """The moments of every step of a group's events."""
    return ", ".join(f"groupArrayIf(at_ms, kind = {step}) AS moments_{step}" for step in steps)


def _climb(steps: Sequence[int]) -> str:
    """The moment of each step: the earliest that is no earlier than that of the step before it, within the visit."""
    before = ["first_ms", *(f"step_{step}" for step in steps)]
    return ", ".join(
        f"arrayMin(arrayPushBack(arrayFilter(moment -> moment >= {after} AND moment < until_ms, moments_{step}), {_NEVER})) AS step_{step}"
        for step, after in zip(steps, before, strict=False)
    )


def _within(step: str, first: str) -> str:
    return f"{step} != {_NEVER} AND {step} - {first} <= {{window:Int64}}"
