"""Who is measured, and what is not counted. Pure rules; docs/operators.md says them in prose."""

import re
from collections.abc import Mapping

CHOICE_COOKIE = "measuring"
# What calls itself a robot, and programs that fetch pages. The list is of words, since names change.
ROBOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|headless|lighthouse|preview|facebookexternalhit|curl/|wget/|python-|go-http|java/|okhttp|axios|monitor",
    re.IGNORECASE,
)
HOUR_MS = 3_600_000
OLDEST_MS = 48 * HOUR_MS
# A browser's idea of the server's clock is some milliseconds off; minutes are an error or a lie.
NEWEST_MS = 5 * 60_000


def is_measured(*, role: str, headers: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
    """Whether this visitor's events are counted: no staff (so that rehearsals count for nothing), no robots, nobody who said no.

    A choice made in the room wins; without one, Sec-GPC and DNT mean no.
    """
    if role or ROBOT.search(headers.get("User-Agent", "")) or not headers.get("User-Agent"):
        return False
    choice = cookies.get(CHOICE_COOKIE, "")
    if choice in {"yes", "no"}:
        return choice == "yes"
    return headers.get("Sec-GPC") != "1" and headers.get("DNT") != "1"


def is_in_time(happened_ms: int, received_ms: int) -> bool:
    """Events of the last 48 hours are taken; their sessions are worked out anew. Older days are closed."""
    return received_ms - OLDEST_MS <= happened_ms <= received_ms + NEWEST_MS
