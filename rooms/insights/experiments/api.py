"""REST of experiments: for those who plan and read them, and the room page's word that a viewer has met one."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from merchants.accounts.guests import viewer_of
from merchants.accounts.permissions import require
from merchants.foundation.errors import InvalidInput
from merchants.foundation.http import ApiView
from merchants.foundation.tenancy import current_schema
from rooms.insights.experiments import serializers as forms
from rooms.insights.experiments.actions import (
    GoalDraft,
    Schedule,
    VariantDraft,
    create_experiment,
    record_exposure,
    start_experiment,
    stop_experiment,
    with_guardrails,
)
from rooms.insights.experiments.course import CoursePoint, list_course
from rooms.insights.experiments.judging import request_verdict
from rooms.insights.experiments.queries import get_experiment, list_experiments, list_judgements
from rooms.insights.queries.tables import render_csv
from rooms.insights.stats.sizes import count_for_share, count_while_peeking
from rooms.program.queries import get_open_room

VIEW, EDIT, START, STOP = "insights.view", "insights.edit", "insights.start", "insights.stop"
MOST_JUDGEMENTS = 100


class ExposureThrottle(SimpleRateThrottle):
    """A page says it once an experiment."""

    scope, rate = "experiment-exposure", "60/min"

    def get_cache_key(self, request: Request, view: object) -> str:
        return f"throttle:{self.scope}:{current_schema()}:{viewer_of(request._request).id}:{self.get_ident(request)}"


class Experiments(ApiView):
    @extend_schema(operation_id="experiments", tags=["insights"], responses=forms.ExperimentOut(many=True))
    def get(self, request: Request) -> Response:
        """All experiments, the newest first, each with its last verdict."""
        require(request.user, VIEW)
        return Response(forms.ExperimentOut(list_experiments(), many=True).data)

    @extend_schema(operation_id="experiment_create", tags=["insights"], request=forms.ExperimentIn, responses={201: forms.ExperimentOut})
    def post(self, request: Request) -> Response:
        """A draft."""
        require(request.user, EDIT)
        form = forms.ExperimentIn(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        goals = [GoalDraft(**draft) for draft in given["goals"]]
        experiment_id = create_experiment(
            key=given["key"],
            title=given["title"],
            kind=given["kind"],
            room_ids=given["room_ids"],
            variants=[VariantDraft(**draft) for draft in given["variants"]],
            goals=with_guardrails(goals) if given["guardrails"] else goals,
            schedule=Schedule(**given["schedule"]),
            actor=_actor(request),
        )
        return Response(forms.ExperimentOut(get_experiment(experiment_id)).data, status=201)


class OneExperiment(ApiView):
    @extend_schema(operation_id="experiment", tags=["insights"], responses=forms.ExperimentOut)
    def get(self, request: Request, experiment_id: UUID) -> Response:
        """With its last verdict, and how far the next one is."""
        require(request.user, VIEW)
        return Response(forms.ExperimentOut(get_experiment(experiment_id)).data)


class Start(ApiView):
    @extend_schema(operation_id="experiment_start", tags=["insights"], request=None, responses=forms.ExperimentOut)
    def post(self, request: Request, experiment_id: UUID) -> Response:
        """Split the viewers from now on. For those who approve what airs: the variants are sealed with the season."""
        require(request.user, START)
        start_experiment(experiment_id=experiment_id, actor=_actor(request))
        return Response(forms.ExperimentOut(get_experiment(experiment_id)).data)


class Stop(ApiView):
    @extend_schema(operation_id="experiment_stop", tags=["insights"], request=forms.StopIn, responses=forms.ExperimentOut)
    def post(self, request: Request, experiment_id: UUID) -> Response:
        """Show everybody the season's own cues again."""
        require(request.user, STOP)
        form = forms.StopIn(data=request.data)
        form.is_valid(raise_exception=True)
        stop_experiment(experiment_id=experiment_id, actor=_actor(request), **form.validated_data)
        return Response(forms.ExperimentOut(get_experiment(experiment_id)).data)


class Verdicts(ApiView):
    @extend_schema(operation_id="experiment_verdicts", tags=["insights"], responses=forms.JudgementOut(many=True))
    def get(self, request: Request, experiment_id: UUID) -> Response:
        """The verdicts so far, the newest first."""
        require(request.user, VIEW)
        return Response(forms.JudgementOut(list_judgements(experiment_id, limit=MOST_JUDGEMENTS), many=True).data)

    @extend_schema(operation_id="experiment_judge", tags=["insights"], request=None, responses={202: forms.ExperimentOut})
    def post(self, request: Request, experiment_id: UUID) -> Response:
        """Have the verdict computed now; `verdict_state` says when it is there."""
        require(request.user, VIEW)
        request_verdict(experiment_id=experiment_id)
        return Response(forms.ExperimentOut(get_experiment(experiment_id)).data, status=202)


class Course(ApiView):
    @extend_schema(operation_id="experiment_course_csv", tags=["insights"], responses={(200, "text/csv"): str})
    def get(self, request: Request, experiment_id: UUID) -> HttpResponse:
        """Every judgement's intervals, the oldest first."""
        require(request.user, VIEW)
        response = HttpResponse(render_csv(CoursePoint, list_course(experiment_id)), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{current_schema()}-course.csv"'
        response["Cache-Control"] = "private, no-store"
        return response


class SampleSize(ApiView):
    @extend_schema(operation_id="experiment_size", tags=["insights"], parameters=[forms.SizeIn], responses=forms.SizeOut)
    def get(self, request: Request) -> Response:
        """How many viewers it takes to see a share of buyers move, with 80 % power."""
        require(request.user, VIEW)
        form = forms.SizeIn(data=request.query_params)
        form.is_valid(raise_exception=True)
        share = form.validated_data["baseline_permille"] / 1000
        difference = share * form.validated_data["lift_permille"] / 1000
        if share + difference >= 1:
            raise InvalidInput(field="lift_permille", reason="< 100 %")
        body = {"one_look": count_for_share(share, difference), "any_time": count_while_peeking((share * (1 - share)) ** 0.5, difference)}
        return Response(forms.SizeOut(body).data)


class RoomExposures(ApiView):
    throttle_classes = [ExposureThrottle]

    @extend_schema(operation_id="room_exposure", tags=["rooms"], request=forms.ExposureIn, responses={204: None})
    def post(self, request: Request, slug: str) -> Response:
        """This viewer meets an experiment of the room; noted once. Which variant they have, the server knows. Staff do not count."""
        form = forms.ExposureIn(data=request.data)
        form.is_valid(raise_exception=True)
        viewer = viewer_of(request._request)
        room = get_open_room(slug, viewer.role)
        if not viewer.role:
            record_exposure(experiment_id=form.validated_data["experiment_id"], room_id=room.id, viewer_id=viewer.id)
        return Response(status=204)


def _actor(request: Request) -> str:
    return str(getattr(request.user, "email", ""))
