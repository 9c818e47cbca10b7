"""REST of what seasons cost and leave."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.accounts.permissions import require
from merchants.foundation.http import ApiView
from merchants.foundation.tenancy import current_schema
from rooms.insights.contribution.actions import MOST_MINOR, note_cost
from rooms.insights.contribution.models import SeasonCost
from rooms.insights.contribution.queries import get_season_contribution
from rooms.insights.contribution.waterfall import StepRow, list_step_rows
from rooms.insights.queries.tables import render_csv


class CostIn(serializers.Serializer[Any]):
    """Minor units of the shop's currency; below 0 to take back."""

    kind = serializers.ChoiceField(choices=SeasonCost.Kind.choices)
    amount_minor = serializers.IntegerField(min_value=-MOST_MINOR, max_value=MOST_MINOR)
    note = serializers.CharField(max_length=200, allow_blank=True, default="")


class PlanIn(serializers.Serializer[Any]):
    """`margin_permille`: what stays of the takings once the goods are paid."""

    planned_shows = serializers.IntegerField(min_value=1, max_value=10_000, default=30)
    margin_permille = serializers.IntegerField(min_value=1, max_value=1000, default=1000)


class ContributionOut(serializers.Serializer[Any]):
    currency = serializers.CharField()
    flows = serializers.DictField(child=serializers.IntegerField())
    goods = serializers.IntegerField()
    costs = serializers.DictField(child=serializers.IntegerField())
    cost = serializers.IntegerField()
    margin = serializers.IntegerField()
    left = serializers.IntegerField()
    shows = serializers.IntegerField()
    break_even_shows = serializers.IntegerField(allow_null=True)
    low = serializers.IntegerField(allow_null=True)
    high = serializers.IntegerField(allow_null=True)
    code = serializers.CharField()
    sentence = serializers.CharField()


class Contribution(ApiView):
    @extend_schema(operation_id="season_contribution", tags=["insights"], parameters=[PlanIn], responses=ContributionOut)
    def get(self, request: Request, season_id: UUID) -> Response:
        """Whether the season pays, with how sure that is."""
        require(request.user, "insights.view")
        form = PlanIn(data=request.query_params)
        form.is_valid(raise_exception=True)
        return Response(ContributionOut(get_season_contribution(season_id, **form.validated_data)).data)


class ContributionCsv(ApiView):
    @extend_schema(operation_id="season_contribution_csv", tags=["insights"], parameters=[PlanIn], responses={(200, "text/csv"): str})
    def get(self, request: Request, season_id: UUID) -> HttpResponse:
        """From sales to contribution, step by step."""
        require(request.user, "insights.view")
        form = PlanIn(data=request.query_params)
        form.is_valid(raise_exception=True)
        rows = list_step_rows(get_season_contribution(season_id, **form.validated_data))
        response = HttpResponse(render_csv(StepRow, rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{current_schema()}-contribution.csv"'
        response["Cache-Control"] = "private, no-store"
        return response


class Costs(ApiView):
    @extend_schema(operation_id="season_cost", tags=["insights"], request=CostIn, responses={201: None})
    def post(self, request: Request, season_id: UUID) -> Response:
        """Note a cost of the season."""
        require(request.user, "insights.edit")
        form = CostIn(data=request.data)
        form.is_valid(raise_exception=True)
        note_cost(season_id=season_id, actor=str(getattr(request.user, "email", "")), **form.validated_data)
        return Response(status=201)
