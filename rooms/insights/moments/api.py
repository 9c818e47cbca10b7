"""REST of suggestions: beside the cue editor, and one click to a draft."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.accounts.permissions import can, require
from merchants.foundation.http import ApiView
from rooms.insights.moments.actions import try_moment
from rooms.insights.moments.queries import Outlook, get_outlook
from rooms.insights.moments.signals import LABELS, Signal

VIEW, EDIT = "insights.view", "insights.edit"
LONGEST_EPISODE_S = 86_400


class HeatOut(serializers.Serializer[Any]):
    second = serializers.IntegerField()
    watching = serializers.IntegerField()
    danmaku = serializers.IntegerField()
    rewinds = serializers.IntegerField()
    taps = serializers.IntegerField()
    left = serializers.IntegerField()


class MomentOut(serializers.Serializer[Any]):
    signal = serializers.ChoiceField(list(Signal))
    begin_s = serializers.IntegerField()
    end_s = serializers.IntegerField()
    viewers = serializers.IntegerField()
    times = serializers.FloatField()
    times_low = serializers.FloatField()
    times_high = serializers.FloatField()
    deed = serializers.CharField()
    cue_id = serializers.CharField()
    to_ms = serializers.IntegerField(allow_null=True)
    what = serializers.CharField()
    doubt = serializers.CharField()


class TestRoomOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()


class OutlookOut(serializers.Serializer[Any]):
    """`may_test`: whoever asks may turn a moment with a `cue_id` into a draft. `labels` of the signals, in the reader's language."""

    episode_id = serializers.UUIDField()
    moments = MomentOut(many=True)
    heat = HeatOut(many=True)
    rooms = TestRoomOut(many=True)
    labels = serializers.DictField(child=serializers.CharField())
    may_test = serializers.BooleanField()


class MomentIn(serializers.Serializer[Any]):
    """Which of the episode's moments, seen in one room or in all, and where viewers are split; without `try_in` in the season's latest room."""

    signal = serializers.ChoiceField(list(Signal))
    begin_s = serializers.IntegerField(min_value=0, max_value=LONGEST_EPISODE_S)
    seen_in = serializers.UUIDField(required=False)
    try_in = serializers.UUIDField(required=False)


class DraftOut(serializers.Serializer[Any]):
    experiment_id = serializers.UUIDField()
    url = serializers.CharField()


class EpisodeMoments(ApiView):
    @extend_schema(operation_id="episode_moments", tags=["insights"], responses=OutlookOut)
    def get(self, request: Request, episode_id: UUID) -> Response:
        """Heat by second, what stands out, and what one might do about it."""
        require(request.user, VIEW)
        body = _body(get_outlook(episode_id), may_test=can(request.user, EDIT))
        return Response(OutlookOut(body).data, headers={"Cache-Control": "private, no-store"})


class MomentTests(ApiView):
    @extend_schema(operation_id="moment_test", tags=["insights"], request=MomentIn, responses={201: DraftOut, 200: DraftOut})
    def post(self, request: Request, episode_id: UUID) -> Response:
        """Draft an experiment of a moment; asked again, the same draft (200)."""
        require(request.user, EDIT)
        form = MomentIn(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        signal = Signal(given.pop("signal"))
        experiment_id, is_new = try_moment(episode_id=episode_id, signal=signal, actor=str(getattr(request.user, "email", "")), **given)
        url = reverse("admin:rooms_experiment_change", args=[experiment_id])
        return Response(DraftOut({"experiment_id": experiment_id, "url": url}).data, status=201 if is_new else 200)


def _body(outlook: Outlook, *, may_test: bool) -> dict[str, Any]:
    return {
        "episode_id": outlook.episode.id,
        "moments": outlook.moments,
        "heat": outlook.heat,
        "rooms": [{"id": room_id, "title": title} for room_id, title in outlook.rooms],
        "labels": {signal.value: str(label) for signal, label in LABELS.items()},
        "may_test": may_test,
    }
