"""Times as people write them in the office: `mm:ss.mmm`."""

import re

from dramas.seasons.errors import TimeInvalid

_TIME = re.compile(r"^(?:(?P<minutes>\d{1,3}):)?(?P<seconds>\d{1,2})(?:[.,](?P<fraction>\d{1,3}))?$", re.ASCII)


def parse_timecode(text: str) -> int:
    """Milliseconds of `02:13.400`; `2:13`, `13.4` and a decimal comma are understood too.

    Raises: TimeInvalid.
    """
    found = _TIME.match(text.strip())
    if found is None or (found["minutes"] is not None and int(found["seconds"]) > 59):
        raise TimeInvalid(given=text[:20])
    return (int(found["minutes"] or 0) * 60 + int(found["seconds"])) * 1000 + int((found["fraction"] or "0").ljust(3, "0"))


def format_timecode(at_ms: int) -> str:
    """`02:13.400`."""
    seconds, ms = divmod(at_ms, 1000)
    return f"{seconds // 60:02d}:{seconds % 60:02d}.{ms:03d}"


def format_length(duration_ms: int) -> str:
    """`3:42`, rounded to whole seconds."""
    seconds = round(duration_ms / 1000)
    return f"{seconds // 60}:{seconds % 60:02d}"
