"""REST of runs: have a room's reports computed now, see how far they are, call them off."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.accounts.permissions import require
from merchants.foundation.http import ApiView
from rooms.insights.reports.runs import cancel_run, find_last_run, list_kept, request_run
from rooms.program.queries import get_room_by_id

VIEW = "insights.view"


class ReportRunOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    room_id = serializers.UUIDField()
    state = serializers.CharField()
    permille = serializers.IntegerField()
    computed = serializers.IntegerField()
    asked_by = serializers.CharField()
    asked_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class KeptOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    inputs_digest = serializers.CharField()
    computed_at = serializers.DateTimeField()


class RoomRunsOut(serializers.Serializer[Any]):
    run = ReportRunOut(allow_null=True)
    kept = KeptOut(many=True)


class RoomRuns(ApiView):
    @extend_schema(operation_id="report_runs", tags=["insights"], responses=RoomRunsOut)
    def get(self, request: Request, room_id: UUID) -> Response:
        """The last run, and the reports that are kept with the digest of what they were computed from."""
        require(request.user, VIEW)
        room = get_room_by_id(room_id)
        body = {"run": find_last_run(room.id), "kept": list_kept(room.id)}
        return Response(RoomRunsOut(body).data, headers={"Cache-Control": "private, no-store"})

    @extend_schema(operation_id="report_run", tags=["insights"], request=None, responses={202: ReportRunOut})
    def post(self, request: Request, room_id: UUID) -> Response:
        """Compute the room's reports now; while they are being computed, the same run."""
        require(request.user, VIEW)
        run = request_run(room_id=get_room_by_id(room_id).id, asked_by=str(getattr(request.user, "email", "")))
        return Response(ReportRunOut(run).data, status=202)


class CancelRun(ApiView):
    @extend_schema(operation_id="report_run_cancel", tags=["insights"], request=None, responses=ReportRunOut)
    def post(self, request: Request, run_id: UUID) -> Response:
        """No further report of the run begins."""
        require(request.user, VIEW)
        return Response(ReportRunOut(cancel_run(run_id=run_id)).data)
