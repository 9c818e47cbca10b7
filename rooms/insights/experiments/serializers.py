"""Forms of the experiments' REST."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from rooms.insights.experiments.actions import MOST_ROOMS
from rooms.insights.experiments.kinds import Kind
from rooms.insights.experiments.metrics import METRIC_CHOICES
from rooms.insights.experiments.models import MOST_UNITS, Experiment
from rooms.program.models import SLUG

_LONGEST_SHIFT_MS = 600_000


class VariantIn(serializers.Serializer[Any]):
    """`shift_ms`: cards come so much later. `cue_times`: {cue id: ms from the episode's first frame}.

    `payload`: of a card {"design": full, compact, countdown}, of a price {"display": plain, reference, short}, of the picture's quality
    {"start", "top": 360, 480, 720, 1080}, of drama or live {"arm": drama, pitch, mixed}.
    """

    title = serializers.CharField(max_length=80)
    weight = serializers.IntegerField(min_value=1, max_value=1000, default=1)
    shift_ms = serializers.IntegerField(min_value=-_LONGEST_SHIFT_MS, max_value=_LONGEST_SHIFT_MS, default=0)
    cue_times = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=86_400_000), default=dict)

    payload = serializers.DictField(default=dict)

    def validate_cue_times(self, given: dict[str, int]) -> dict[str, int]:
        if len(given) > 500:
            raise serializers.ValidationError(_("At most %(most)s cards can be moved one by one.") % {"most": 500})
        return {str(serializers.UUIDField().run_validation(cue_id)): at_ms for cue_id, at_ms in given.items()}


class GoalIn(serializers.Serializer[Any]):
    metric = serializers.ChoiceField(choices=METRIC_CHOICES)
    is_guardrail = serializers.BooleanField(default=False)
    tolerance_permille = serializers.IntegerField(min_value=0, max_value=10_000, default=0)


class ScheduleIn(serializers.Serializer[Any]):
    coverage_permille = serializers.IntegerField(min_value=1, max_value=1000, default=1000)
    group = serializers.CharField(max_length=40, allow_blank=True, default="", validators=[SLUG])
    group_from = serializers.IntegerField(min_value=0, max_value=1000, default=0)
    group_to = serializers.IntegerField(min_value=0, max_value=1000, default=1000)
    method = serializers.ChoiceField(choices=Experiment.Method.choices, default=Experiment.Method.ALWAYS)
    looks = serializers.IntegerField(min_value=1, max_value=20, default=5)
    planned_units = serializers.IntegerField(min_value=10, max_value=MOST_UNITS, default=8000)
    least_lift_permille = serializers.IntegerField(min_value=0, max_value=10_000, default=20)

    def validate(self, attrs: Any) -> Any:
        if attrs["group_from"] >= attrs["group_to"]:
            raise serializers.ValidationError({"group_to": [_("It has to lie above the share's beginning.")]})
        return attrs


class ExperimentIn(serializers.Serializer[Any]):
    """The first variant is the control. `room_ids`: the room in which viewers are split, or the rooms that are compared.

    `guardrails`: stalled time, early exits and the refund rate are watched too, unless the goals name them or this is false.
    """

    key = serializers.CharField(max_length=60, validators=[SLUG])
    title = serializers.CharField(max_length=160)
    kind = serializers.ChoiceField(choices=Kind.choices)
    room_ids = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_ROOMS)
    variants = VariantIn(many=True)
    goals = GoalIn(many=True)
    guardrails = serializers.BooleanField(default=True)
    schedule = ScheduleIn(default=dict)


class StopIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")


class ExposureIn(serializers.Serializer[Any]):
    experiment_id = serializers.UUIDField()


class SizeIn(serializers.Serializer[Any]):
    """`baseline_permille`: the share that buys now. `lift_permille`: the smallest lift worth having."""

    baseline_permille = serializers.IntegerField(min_value=1, max_value=999)
    lift_permille = serializers.IntegerField(min_value=1, max_value=10_000)


class SizeOut(serializers.Serializer[Any]):
    """Viewers of each variant: for one look at the end, and while one looks as often as one likes."""

    one_look = serializers.IntegerField()
    any_time = serializers.IntegerField()


class VariantOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    weight = serializers.IntegerField()
    shift_ms = serializers.IntegerField()
    cue_times = serializers.DictField(child=serializers.IntegerField())
    payload = serializers.DictField()
    viewers = serializers.IntegerField()
    rooms = serializers.ListField(child=serializers.CharField())


class GoalOut(serializers.Serializer[Any]):
    metric = serializers.CharField()
    is_guardrail = serializers.BooleanField()
    tolerance_permille = serializers.IntegerField()


class ComparisonOut(serializers.Serializer[Any]):
    """Fractions; null while nothing can be said. `tells`: 1 surely better, −1 surely worse, 0 either."""

    variant = serializers.CharField()
    goal = serializers.CharField()
    is_guardrail = serializers.BooleanField()
    lift = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    tells = serializers.IntegerField()


class JudgementOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    advice = serializers.CharField()
    sentence = serializers.CharField()
    params = serializers.DictField()
    comparisons = ComparisonOut(many=True)
    inputs_digest = serializers.CharField()
    look = serializers.FloatField(allow_null=True)
    judged_at = serializers.DateTimeField()


class ExperimentOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    key = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    room_slug = serializers.CharField()
    coverage_permille = serializers.IntegerField()
    group = serializers.CharField()
    group_from = serializers.IntegerField()
    group_to = serializers.IntegerField()
    method = serializers.CharField()
    looks = serializers.IntegerField()
    planned_units = serializers.IntegerField()
    least_lift_permille = serializers.IntegerField()
    started_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    stop_reason = serializers.CharField()
    verdict_state = serializers.CharField()
    verdict_permille = serializers.IntegerField()
    variants = VariantOut(many=True)
    goals = GoalOut(many=True)
    judgement = JudgementOut(allow_null=True)
