"""Experiments, their variants and goals, who has seen what, and the verdicts with what they rest on."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id
from rooms.insights.experiments.kinds import KINDS, VIEWER, Kind
from rooms.insights.experiments.metrics import METRIC_CHOICES
from rooms.insights.experiments.states import State
from rooms.program.models import SLUG

MOST_UNITS = 100_000_000


class Experiment(models.Model):
    """A question with its plan. `key` is what viewers are hashed by: it never changes.

    `group` makes experiments exclude each other: each takes its share of the same people, from `group_from` to `group_to` permille.
    `season_digest` is the approved content that the start sealed. `verdict_*` say how far the verdict in progress is.
    """

    class Method(models.TextChoices):
        ALWAYS = "always", _("Look at any time")
        PLANNED = "planned", _("Planned looks")

    class Progress(models.TextChoices):
        IDLE = "idle", _("Up to date")
        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("Working")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(
        _("key"), max_length=60, unique=True, validators=[SLUG], help_text=_("Small letters, digits and hyphens. Viewers are dealt by it.")
    )
    title = models.CharField(_("question"), max_length=160)
    kind = models.CharField(_("what varies"), max_length=16, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT, editable=False)
    room = models.ForeignKey("rooms.Room", verbose_name=_("room"), null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    coverage_permille = models.PositiveSmallIntegerField(
        _("share of the viewers in ‰"), default=1000, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    group = models.CharField(
        _("group"), max_length=40, blank=True, validators=[SLUG], help_text=_("Experiments of one group never meet in one viewer.")
    )
    group_from = models.PositiveSmallIntegerField(_("from ‰ of the group"), default=0, validators=[MaxValueValidator(1000)])
    group_to = models.PositiveSmallIntegerField(_("to ‰ of the group"), default=1000, validators=[MaxValueValidator(1000)])
    method = models.CharField(_("looks"), max_length=8, choices=Method.choices, default=Method.ALWAYS)
    looks = models.PositiveSmallIntegerField(_("number of planned looks"), default=5, validators=[MinValueValidator(1), MaxValueValidator(20)])
    planned_units = models.PositiveIntegerField(
        _("units of each variant at the end"), default=8000, validators=[MinValueValidator(10), MaxValueValidator(MOST_UNITS)],
        help_text=_("Viewers, or rooms where whole rooms are compared."),
    )  # fmt: skip
    least_lift_permille = models.PositiveSmallIntegerField(_("smallest lift worth having in ‰"), default=20, validators=[MaxValueValidator(10_000)])
    season_digest = models.CharField(max_length=64, blank=True, editable=False)
    created_by = models.CharField(max_length=200, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    stopped_at = models.DateTimeField(_("stopped"), null=True, editable=False)
    stop_reason = models.CharField(_("why it was stopped"), max_length=200, blank=True, editable=False)
    verdict_state = models.CharField(max_length=8, choices=Progress.choices, default=Progress.IDLE, editable=False)
    verdict_permille = models.PositiveSmallIntegerField(default=1000, editable=False)
    verdict_claimed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "experiment"
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["room"], condition=Q(state="running"), name="experiment_running")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="experiment_state_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="experiment_kind_known"),
            models.CheckConstraint(condition=Q(coverage_permille__gte=1, coverage_permille__lte=1000), name="experiment_coverage"),
            models.CheckConstraint(condition=Q(group_from__lt=F("group_to"), group_to__lte=1000), name="experiment_group_share"),
            models.CheckConstraint(condition=Q(state="draft") | Q(started_at__isnull=False), name="experiment_started"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_by_viewer(self) -> bool:
        return KINDS[self.kind].unit == VIEWER


class ExperimentVariant(models.Model):
    """`number` 0 is the control.

    Cards come `shift_ms` later than the season has them, earlier below 0; `cue_times` sets single ones: {cue id: ms}. What other kinds
    vary stands in `payload`; see `payloads`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="variants")
    number = models.PositiveSmallIntegerField(_("number"), help_text=_("0 is the control."))
    title = models.CharField(_("name"), max_length=80)
    weight = models.PositiveSmallIntegerField(_("parts"), default=1, validators=[MinValueValidator(1), MaxValueValidator(1000)])
    shift_ms = models.IntegerField(_("cards later by ms"), default=0, validators=[MinValueValidator(-600_000), MaxValueValidator(600_000)])
    cue_times = models.JSONField(default=dict, blank=True)
    payload = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        db_table = "experiment_variant"
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "number"], name="experiment_variant_once"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="experiment_variant_weight"),
        ]

    def __str__(self) -> str:
        return self.title


class ExperimentGoal(models.Model):
    """A metric that decides, or one that guards: a guardrail breaks once it is surely worse by more than the tolerance."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="goals")
    metric = models.CharField(_("metric"), max_length=24, choices=METRIC_CHOICES)
    is_guardrail = models.BooleanField(_("guardrail"), default=False)
    tolerance_permille = models.PositiveSmallIntegerField(_("tolerated loss in ‰"), default=0, validators=[MaxValueValidator(10_000)])

    class Meta:
        db_table = "experiment_goal"
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["is_guardrail", "id"]
        constraints = [models.UniqueConstraint(fields=["experiment", "metric", "is_guardrail"], name="experiment_goal_once")]

    def __str__(self) -> str:
        return self.metric


class ComparedRoom(models.Model):
    """A room of an experiment that compares rooms; the start deals the variants out."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="rooms")
    room = models.ForeignKey("rooms.Room", verbose_name=_("room"), on_delete=models.PROTECT, related_name="+")
    variant = models.ForeignKey(ExperimentVariant, verbose_name=_("variant"), null=True, editable=False, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "experiment_room"
        verbose_name = _("compared room")
        verbose_name_plural = _("compared rooms")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["experiment", "room"], name="experiment_room_once")]

    def __str__(self) -> str:
        return str(self.room_id)


class Exposure(models.Model):
    """A viewer saw their variant for the first time, in this room: from here on they count, whatever they see later. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="+")
    variant = models.ForeignKey(ExperimentVariant, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey("rooms.Room", on_delete=models.PROTECT, related_name="+")
    viewer_id = models.CharField(max_length=64)
    exposed_at = models.DateTimeField()

    class Meta:
        db_table = "experiment_exposure"
        db_table_comment = "append-only"
        constraints = [models.UniqueConstraint(fields=["experiment", "viewer_id"], name="experiment_exposure_once")]
        indexes = [models.Index(fields=["experiment", "variant", "room"], name="experiment_exposure_arm")]

    def __str__(self) -> str:
        return f"{self.viewer_id} {self.variant_id}"


class Judgement(models.Model):
    """A verdict with the sums it rests on; the same sums are judged once. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="judgements")
    code = models.CharField(max_length=24)
    params = models.JSONField()
    comparisons = models.JSONField()
    inputs = models.JSONField()
    inputs_digest = models.CharField(max_length=64)
    look = models.FloatField(null=True)
    judged_at = models.DateTimeField()

    class Meta:
        db_table = "experiment_judgement"
        db_table_comment = "append-only"
        ordering = ["-judged_at"]
        constraints = [models.UniqueConstraint(fields=["experiment", "inputs_digest"], name="experiment_judgement_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.experiment_id}"
