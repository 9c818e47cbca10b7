"""A verdict from start to end: asked for, claimed once, computed from sums alone, kept with what it rests on."""

import hashlib
import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from merchants.foundation import clock
from merchants.foundation.tenancy import enqueue
from rooms.insights.experiments.errors import ExperimentNotFound, MoveRefused
from rooms.insights.experiments.kinds import KINDS
from rooms.insights.experiments.metrics import METRICS
from rooms.insights.experiments.models import Experiment, Judgement
from rooms.insights.experiments.queries import count_exposures
from rooms.insights.experiments.sources import Report, get_source
from rooms.insights.experiments.states import State

# A worker that took longer has died: its tasks end after eleven minutes.
ABANDONED = timedelta(minutes=12)
# What commits later than this after its own time is not counted until the next verdict.
SETTLED = timedelta(seconds=10)
TASK = "rooms.insights.experiments.tasks.compute_verdict"


def request_verdict(*, experiment_id: UUID) -> bool:
    """Have the verdict computed; False when one is on its way already. After commit: enqueues the task.

    Raises: ExperimentNotFound, MoveRefused for a draft.
    """
    with transaction.atomic(durable=True):
        experiment = Experiment.objects.select_for_update(of=("self",), no_key=True).filter(pk=experiment_id).first()
        if experiment is None:
            raise ExperimentNotFound
        if experiment.state == State.DRAFT:
            raise MoveRefused(move=_("Judge"), state=State.DRAFT.label)
        under_way = (Experiment.Progress.WAITING, Experiment.Progress.WORKING)
        at = experiment.verdict_claimed_at
        if experiment.verdict_state in under_way and at is not None and at > clock.now() - ABANDONED:
            return False
        experiment.verdict_state, experiment.verdict_permille = Experiment.Progress.WAITING, 0
        experiment.verdict_claimed_at = clock.now()
        experiment.save(update_fields=["verdict_state", "verdict_permille", "verdict_claimed_at"])
        enqueue(TASK, experiment_id=str(experiment_id))
        return True


def compute_verdict(*, experiment_id: UUID) -> None:
    """Judge what is known and keep it. May run twice: the second run finds nothing that waits; the same sums are kept once."""
    waiting = Q(verdict_state=Experiment.Progress.WAITING)
    left = Q(verdict_state=Experiment.Progress.WORKING, verdict_claimed_at__lt=clock.now() - ABANDONED)
    claim = Experiment.objects.filter(waiting | left, pk=experiment_id).exclude(state=State.DRAFT)
    if not claim.update(verdict_state=Experiment.Progress.WORKING, verdict_claimed_at=clock.now()):
        return
    experiment = Experiment.objects.prefetch_related("variants", "goals").get(pk=experiment_id)
    outcome = Experiment.Progress.FAILED
    try:
        _keep(experiment, _read_inputs(experiment))
        outcome = Experiment.Progress.IDLE
    finally:
        Experiment.objects.filter(pk=experiment_id).update(verdict_state=outcome, verdict_permille=1000)


def _read_inputs(experiment: Experiment) -> dict[str, Any]:
    """Everything the verdict depends on, as JSON: plan, goals, and the arms' sums by source."""
    until = clock.now() - SETTLED
    sources = sorted({METRICS[goal.metric].source for goal in experiment.goals.all()})
    by_source = {}
    for place, name in enumerate(sources):
        report = _reporter(experiment.pk, place, len(sources))
        found = get_source(name).read(experiment, until=until, report=report)
        by_source[name] = {str(variant_id): asdict(moments) for variant_id, moments in found.items()}
    seen = count_exposures([experiment.pk])
    looks = Judgement.objects.filter(experiment=experiment, look__isnull=False).order_by("look").values_list("look", flat=True)
    return {
        "plan": {
            "method": experiment.method,
            "units": experiment.planned_units,
            "looks": experiment.looks,
            "taken": list(looks),
            "least_lift": experiment.least_lift_permille / 1000,
            "least_units": KINDS[experiment.kind].least_units,
        },
        "is_by_viewer": experiment.is_by_viewer,
        "arms": [{"variant": str(one.pk), "weight": one.weight, "split": seen.get(one.pk, 0)} for one in experiment.variants.all()],
        "goals": [
            {"metric": goal.metric, "is_guardrail": goal.is_guardrail, "tolerance": goal.tolerance_permille / 1000 if goal.is_guardrail else 0.0}
            for goal in experiment.goals.all()
        ],
        "sums": by_source,
    }


def _reporter(experiment_id: UUID, place: int, of: int) -> Report:
    """Each source has its equal share of the progress."""

    def report(permille: int) -> None:
        done = (place * 1000 + permille) // of
        Experiment.objects.filter(pk=experiment_id).update(verdict_permille=min(done, 999))

    return report


def _keep(experiment: Experiment, inputs: dict[str, Any]) -> None:
    text = json.dumps(inputs, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if Judgement.objects.filter(experiment=experiment, inputs_digest=digest).exists():
        return
    from rooms.insights.experiments.inputs import judge_inputs  # it brings SciPy with it, which few processes need

    verdict = judge_inputs(json.loads(text))
    if verdict.code == "before_look" and inputs["plan"]["taken"]:
        return  # what the last look said stands until the next one
    Judgement.objects.get_or_create(
        experiment=experiment,
        inputs_digest=digest,
        defaults={
            "code": verdict.code,
            "params": dict(verdict.params),
            "comparisons": [asdict(one) for one in verdict.comparisons],
            "inputs": inputs,
            "look": verdict.look,
            "judged_at": clock.now(),
        },
    )
