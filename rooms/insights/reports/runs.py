"""Runs: a room's kept reports are computed aside, by the schedule or because somebody asked; with progress, and until called off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction
from django.db.models import F, Q

from merchants.foundation import clock
from merchants.foundation.tenancy import current_schema, enqueue
from rooms.insights.events.models import Report
from rooms.insights.reports.actions import KEPT, compute_report
from rooms.insights.reports.errors import RunNotFound, RunOver
from rooms.insights.reports.models import ReportRun

log = structlog.get_logger(__name__)

OPEN = (ReportRun.State.WAITING, ReportRun.State.WORKING)
# A worker that has not said a word for so long is gone; a report takes seconds.
LEASE = timedelta(minutes=3)
KEEP = timedelta(days=7)


@dataclass(frozen=True)
class KeptReport:
    """`inputs_digest`: SHA-256 of what it was computed from; the same digest, the same rows."""

    kind: str
    inputs_digest: str
    computed_at: datetime


@dataclass(frozen=True)
class RunView:
    """`computed`: how many reports were computed anew; the others were made from the same before. `state`: see `ReportRun.State`."""

    id: UUID
    room_id: UUID
    state: str
    permille: int
    computed: int
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None


def request_run(*, room_id: UUID, asked_by: str = "") -> RunView:
    """Have a room's reports computed. While a run is open, that one is the answer. After commit: enqueues the work."""
    with transaction.atomic(durable=True):
        run, is_new = ReportRun.objects.filter(state__in=OPEN).get_or_create(
            room_id=room_id, defaults={"asked_by": asked_by, "asked_at": clock.now()}
        )
        if is_new:
            ReportRun.objects.filter(room_id=room_id, asked_at__lt=clock.now() - KEEP).exclude(state__in=OPEN).delete()
            enqueue("rooms.insights.reports.tasks.compute_run", run_id=str(run.pk))
        return _view(run)


def work_on_run(*, run_id: UUID) -> None:
    """Compute what the run still owes; whoever comes second leaves it alone. Between two reports it looks whether it was called off.

    Raises: DatabaseError (the run has failed).
    """
    now = clock.now()
    free = Q(state=ReportRun.State.WAITING) | Q(state=ReportRun.State.WORKING, claimed_at__lt=now - LEASE)
    runs = ReportRun.objects.filter(free, pk=run_id)
    if not runs.update(state=ReportRun.State.WORKING, claimed_at=now, permille=0, computed=0):
        return
    run = ReportRun.objects.get(pk=run_id)
    working = ReportRun.objects.filter(pk=run_id, state=ReportRun.State.WORKING)
    try:
        for done, kind in enumerate(KEPT, start=1):
            is_new = compute_report(kind=kind, room_id=run.room_id)
            if not working.update(permille=1000 * done // len(KEPT), computed=F("computed") + int(is_new), claimed_at=clock.now()):
                return
        working.update(state=ReportRun.State.DONE, ended_at=clock.now())
    except DatabaseError:
        working.update(state=ReportRun.State.FAILED, ended_at=clock.now())
        log.exception("report_run_failed", run=str(run_id))
        raise


def cancel_run(*, run_id: UUID) -> RunView:
    """Call a run off: the report at work is finished, no other one begins. Raises: RunNotFound, RunOver."""
    with transaction.atomic(durable=True):
        run = ReportRun.objects.select_for_update(of=("self",), no_key=True).filter(pk=run_id).first()
        if run is None:
            raise RunNotFound
        if run.state not in OPEN:
            raise RunOver(state=run.get_state_display())
        run.state, run.ended_at = ReportRun.State.CANCELLED, clock.now()
        run.save(update_fields=["state", "ended_at"])
        return _view(run)


def find_last_run(room_id: UUID) -> RunView | None:
    """One query."""
    run = ReportRun.objects.filter(room_id=room_id).order_by("-asked_at").first()
    return _view(run) if run else None


def resume_runs() -> int:
    """Queue again what a crash has left open. Returns how many."""
    lost = ReportRun.objects.filter(state__in=OPEN).filter(
        Q(claimed_at__lt=clock.now() - LEASE) | Q(claimed_at=None, asked_at__lt=clock.now() - LEASE)
    )
    ids = list(lost.order_by("asked_at").values_list("pk", flat=True)[:100])
    for run_id in ids:
        enqueue("rooms.insights.reports.tasks.compute_run", run_id=str(run_id))
    return len(ids)


def list_kept(room_id: UUID) -> list[KeptReport]:
    """One query."""
    rows = Report.objects.filter(tenant_id=current_schema(), room_id=room_id).order_by("kind")
    return [KeptReport(*row) for row in rows.values_list("kind", "inputs_digest", "computed_at")]


def _view(run: ReportRun) -> RunView:
    return RunView(
        id=run.pk,
        room_id=run.room_id,
        state=run.state,
        permille=run.permille,
        computed=run.computed,
        asked_by=run.asked_by,
        asked_at=run.asked_at,
        ended_at=run.ended_at,
    )
