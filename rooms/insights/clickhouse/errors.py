"""Refusals of ClickHouse."""

from merchants.foundation.errors import Unavailable


class ClickHouseAway(Unavailable):
    """It does not answer in time, or refuses. What it said is in the log, never in the answer."""

    code = "insights_away"
