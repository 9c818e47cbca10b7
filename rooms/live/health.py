"""For how long the host's line has been silent. Pure: the reports of the node in, the moment out.

Only this process's clock counts, which a node's may differ from: a line is heard at the moment a new report says so, and has been
silent for as long as the report says that it has. A node that died says nothing, and its last report is two seconds old when it
goes by itself.
"""

from realtime.rtc.overview import Overview
from rooms.live.queries import is_heard

# Reports come twice a second, and at once when the line falls silent; a node that is busy may miss two.
STALE_MS = 1_500


class LineWatch:
    """Needs: `note` at least twice as often as a silence is to be noticed."""

    def __init__(self) -> None:
        self.silent_since_ms: int | None = None
        self._report: Overview | None = None
        self._heard_at_ms: int | None = None

    def note(self, report: Overview | None, now_ms: int) -> None:
        """A report that says the very same as the one before is the same one, read again."""
        is_new = report is not None and report != self._report
        if is_new and is_heard(report):
            self._heard_at_ms = now_ms
        elif is_new and report is not None and report.silent_ms is not None and self._heard_at_ms is not None:
            self._heard_at_ms = max(self._heard_at_ms, now_ms - report.silent_ms)
        if self._heard_at_ms is None:
            self._heard_at_ms = now_ms  # a new leader knows nothing of before
        is_stale = now_ms - self._heard_at_ms > STALE_MS
        self.silent_since_ms = None if is_heard(report) and not is_stale else self._heard_at_ms
        self._report = report
