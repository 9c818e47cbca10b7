"""Reports on demand: one run of a room at a time, with progress, called off between two reports."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from rooms.insights.events.models import Report
from rooms.insights.reports import runs
from rooms.insights.reports.actions import KEPT
from rooms.insights.reports.models import ReportRun
from rooms.insights.reports.runs import LEASE, cancel_run, find_last_run, list_kept, request_run, resume_runs, work_on_run
from tests.conftest import Shop
from tests.rooms.building import Stage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(aurora: Shop, set_up: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The work is done by the tests, not on commit."""
    monkeypatch.setattr(runs, "enqueue", lambda name, **kwargs: None)
    made = set_up(aurora)
    with in_schema(aurora.schema):
        yield made


def test_a_run_computes_every_report_with_its_digest_and_says_how_far_it_is(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    run = request_run(room_id=stage.room_id, asked_by="editor@shop.test")
    assert request_run(room_id=stage.room_id) == run
    compute = runs.compute_report

    def watched(**of: Any) -> bool:
        said.append(ReportRun.objects.get().permille)
        return compute(**of)

    monkeypatch.setattr(runs, "compute_report", watched)
    work_on_run(run_id=run.id)
    assert said == [1000 * done // len(KEPT) for done in range(len(KEPT))]
    done = find_last_run(stage.room_id)
    assert done
    assert (done.state, done.permille, done.computed, done.asked_by) == ("done", 1000, len(KEPT), "editor@shop.test")
    kept = list_kept(stage.room_id)
    assert {row.kind for row in kept} == set(KEPT)
    assert len({row.inputs_digest for row in kept}) == len(KEPT)
    monkeypatch.setattr(runs, "compute_report", compute)
    again = request_run(room_id=stage.room_id)
    work_on_run(run_id=again.id)
    assert find_last_run(stage.room_id).computed == 0  # type: ignore[union-attr]  # from the same: the same


def test_a_run_that_is_called_off_begins_no_further_report(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    run = request_run(room_id=stage.room_id)
    compute = runs.compute_report

    def call_off(**of: Any) -> bool:
        if of["kind"] == KEPT[2]:
            cancel_run(run_id=run.id)
        return compute(**of)

    monkeypatch.setattr(runs, "compute_report", call_off)
    work_on_run(run_id=run.id)
    assert find_last_run(stage.room_id).state == "cancelled"  # type: ignore[union-attr]
    assert Report.objects.filter(room_id=stage.room_id).count() == 3
    with pytest.raises(runs.RunOver):
        cancel_run(run_id=run.id)
    work_on_run(run_id=run.id)
    assert Report.objects.filter(room_id=stage.room_id).count() == 3


def test_a_run_whose_worker_died_is_taken_over_and_one_at_work_is_not(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    run = request_run(room_id=stage.room_id)
    ReportRun.objects.update(state="working", claimed_at=clock.now())
    monkeypatch.setattr(runs, "enqueue", lambda name, **kwargs: sent.append((name, kwargs)))
    assert resume_runs() == 0
    work_on_run(run_id=run.id)
    assert not Report.objects.filter(room_id=stage.room_id).exists()
    with clock.frozen(clock.now() + LEASE + timedelta(seconds=1)):
        assert resume_runs() == 1
        work_on_run(run_id=run.id)
    assert sent == [("rooms.insights.reports.tasks.compute_run", {"run_id": str(run.id)})]
    assert find_last_run(stage.room_id).state == "done"  # type: ignore[union-attr]


def test_a_database_that_fails_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    run = request_run(room_id=stage.room_id)

    def fail(**_of: Any) -> bool:
        raise DatabaseError("cancelled by the statement timeout")

    monkeypatch.setattr(runs, "compute_report", fail)
    with pytest.raises(DatabaseError):
        work_on_run(run_id=run.id)
    assert find_last_run(stage.room_id).state == "failed"  # type: ignore[union-attr]
    assert request_run(room_id=stage.room_id).id != run.id


def test_the_doors_of_runs(stage: Stage, aurora: Shop, borealis: Shop, enter: Callable[..., Any]) -> None:
    """Ask, look, call off; another shop has neither the room nor the run; a host has no right."""
    editor, page = enter(aurora, "editor"), f"/api/v1/insights/rooms/{stage.room_id}/runs/"
    assert editor.get(page).json() == {"run": None, "kept": []}
    run = editor.post(page).json()
    assert editor.get(page).json()["run"]["id"] == run["id"]
    stranger, cancel = enter(borealis, "owner"), f"/api/v1/insights/runs/{run['id']}/cancel/"
    assert stranger.get(page).status_code == 404
    assert stranger.post(cancel).status_code == 404
    assert enter(aurora, "host").post(cancel).status_code == 403
    assert editor.post(cancel).json()["state"] == "cancelled"
    assert (editor.post(cancel).status_code, editor.post(cancel).json()["error"]["code"]) == (409, "report_run_over")
