"""Days as moments."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from merchants.tenants.queries import get_time_zone


def moments_of_days(since: date | None, until: date | None) -> tuple[datetime | None, datetime | None]:
    """[first moment, first moment after) of days in the shop's zone, both included, as visits are counted; None is open."""
    if since is None and until is None:
        return None, None
    zone = ZoneInfo(get_time_zone())
    begin = datetime.combine(since, time(), tzinfo=zone) if since else None
    end = datetime.combine(until + timedelta(days=1), time(), tzinfo=zone) if until else None
    return begin, end
