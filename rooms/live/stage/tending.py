"""What becomes of guests without anybody's hand. Pure: rows and the node's report in, steps out. Steps may be repeated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from realtime.rtc.overview import Overview, Publisher
from rooms.live.stage.models import StageGuest
from rooms.live.stage.states import SENDING, Ending, Standing

# A packet within this time: reports are half a second apart.
HEARD_MS = 1_500
# So long a guest may be gone (or take to appear), with time to reload the page, before the place is free again.
RETURNS_WITHIN = timedelta(seconds=30)
# A request that nobody answers does not stand for ever.
ANSWERED_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class End:
    guest_id: UUID
    ending: Ending


@dataclass(frozen=True)
class Note:
    """Since when nothing is heard of the guest; None: they are heard again."""

    guest_id: UUID
    silent_since: datetime | None


@dataclass(frozen=True)
class Repeat:
    """The node does not do what was decided: say it again."""

    guest_id: UUID
    is_muted: bool


@dataclass(frozen=True)
class SendAway:
    """Somebody sends on a guest's line who is none, or no longer."""

    name: str


Step = End | Note | Repeat | SendAway


def decide(rows: Sequence[StageGuest], report: Overview | None, *, is_open: bool, barred: Iterable[str], now: datetime) -> list[Step]:
    """`rows` are the open ones, `barred` the viewers who may not be on stage. `report` None: no node has the room."""
    senders = {found.name: found for found in (report.publishers if report else ()) if found.role == "guest"}
    barred = set(barred)
    steps: list[Step] = []
    for row in rows:
        ending = _ending(row, is_open=is_open, is_barred=row.viewer_id in barred, now=now)
        if ending is not None:
            steps.append(End(row.pk, ending))
        elif row.standing in SENDING:
            steps += _listen(row, senders.get(str(row.pk)), now)
    invited = {str(row.pk) for row in rows if row.standing in SENDING}
    return steps + [SendAway(name) for name in senders if name not in invited]


def is_heard(sender: Publisher | None) -> bool:
    return sender is not None and sender.is_connected and sender.heard_ms is not None and sender.heard_ms < HEARD_MS


def _ending(row: StageGuest, *, is_open: bool, is_barred: bool, now: datetime) -> Ending | None:
    if not is_open:
        return Ending.LIVE_OVER
    if is_barred:
        return Ending.REMOVED
    if row.standing == Standing.ASKED:
        return Ending.EXPIRED if now - row.asked_at > ANSWERED_WITHIN else None
    is_lost = row.silent_since is not None and now - row.silent_since > RETURNS_WITHIN
    return Ending.GONE if is_lost else None


def _listen(row: StageGuest, sender: Publisher | None, now: datetime) -> list[Step]:
    steps: list[Step] = []
    if is_heard(sender) and row.silent_since is not None:
        steps.append(Note(row.pk, None))
    elif not is_heard(sender) and row.silent_since is None:
        steps.append(Note(row.pk, now))
    if sender is not None and sender.is_muted != row.is_muted:
        steps.append(Repeat(row.pk, row.is_muted))
    return steps
