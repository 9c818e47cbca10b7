"""REST door of the office's cue editor."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dramas.pages.doors import actor_of
from dramas.playback.serializers import CueSerializer
from dramas.seasons import actions
from dramas.seasons.queries import get_cue, get_episode, list_cues
from dramas.seasons.timecode import parse_timecode
from merchants.accounts.permissions import require
from merchants.foundation.http import ApiView

VIEW, EDIT = "seasons.view", "seasons.edit"


class CueDraftSerializer(serializers.Serializer):
    """`at` is written `mm:ss.mmm`."""

    kind = serializers.CharField(max_length=24, default="card")
    at = serializers.CharField(max_length=20)
    duration_ms = serializers.IntegerField(default=15_000, max_value=3_600_000)
    product_id = serializers.UUIDField(allow_null=True, default=None)
    payload = serializers.DictField(default=dict)

    def draft(self) -> actions.CueDraft:
        """Needs: it is valid. Raises: TimeInvalid."""
        fields = dict(self.validated_data)
        return actions.CueDraft(at_ms=parse_timecode(fields.pop("at")), **fields)


class CueListSerializer(serializers.Serializer):
    """All cues of the episode after the call, in order of time; `id` is the one that was written."""

    id = serializers.UUIDField(allow_null=True)
    cues = CueSerializer(many=True)


class CuesView(ApiView):
    @extend_schema(tags=["cues"], responses=CueListSerializer)
    def get(self, request: Request, episode_id: UUID) -> Response:
        require(request.user, VIEW)
        return _answer(get_episode(episode_id).id, None)

    @extend_schema(tags=["cues"], request=CueDraftSerializer, responses={201: CueListSerializer})
    def post(self, request: Request, episode_id: UUID) -> Response:
        """Put a cue on the timeline."""
        require(request.user, EDIT)
        cue_id = actions.add_cue(actor=actor_of(request._request), episode_id=episode_id, draft=_read(request.data))
        return _answer(episode_id, cue_id, status=201)


class CueView(ApiView):
    @extend_schema(tags=["cues"], request=CueDraftSerializer, responses=CueListSerializer)
    def put(self, request: Request, cue_id: UUID) -> Response:
        """Move or change a cue."""
        require(request.user, EDIT)
        episode_id = get_cue(cue_id).episode_id
        actions.edit_cue(actor=actor_of(request._request), cue_id=cue_id, draft=_read(request.data))
        return _answer(episode_id, cue_id)

    @extend_schema(tags=["cues"], request=None, responses=CueListSerializer)
    def delete(self, request: Request, cue_id: UUID) -> Response:
        require(request.user, EDIT)
        episode_id = get_cue(cue_id).episode_id
        actions.remove_cue(actor=actor_of(request._request), cue_id=cue_id)
        return _answer(episode_id, None)


def _read(data: Any) -> actions.CueDraft:
    given = CueDraftSerializer(data=data)
    given.is_valid(raise_exception=True)
    return given.draft()


def _answer(episode_id: UUID, cue_id: UUID | None, *, status: int = 200) -> Response:
    return Response(CueListSerializer({"id": cue_id, "cues": list_cues(episode_id)}).data, status=status, headers={"Cache-Control": "no-store"})
