"""REST of the reports for the shop's staff, each also as CSV."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import date
from types import NoneType
from typing import Any, ClassVar, get_args, get_type_hints
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.accounts.permissions import require
from merchants.foundation.errors import InvalidInput
from merchants.foundation.http import ApiView
from merchants.foundation.tenancy import current_schema
from rooms.insights.queries.shapes import LEAST_STEPS, STEP_NAMES, Question, Slice, in_order
from rooms.insights.queries.tables import render_csv
from rooms.insights.reports.readers import Reader
from rooms.program.models import SLUG

HOUR_MS = 3_600_000
LONGEST_WINDOW_H = 7 * 24

_FIELDS: dict[type, type[serializers.Field]] = {
    str: serializers.CharField,
    int: serializers.IntegerField,
    float: serializers.FloatField,
    date: serializers.DateField,
    UUID: serializers.UUIDField,
}
Answer = Callable[[Request], Sequence[Any]]


class QuestionQuery(serializers.Serializer[Any]):
    """Days are those of a visit's beginning in the shop's zone, both included. `window_h`: hours from the first step to the last one that counts.

    `experiment`: an experiment's key, whose variants split the visits. `steps`: of the funnel, separated by commas, in the story's order;
    one that is left out need not have been made.
    """

    room_id = serializers.UUIDField(required=False)
    season_id = serializers.UUIDField(required=False)
    source = serializers.CharField(required=False, max_length=40, allow_blank=True)  # type: ignore[assignment]  # DRF collects fields before
    variant = serializers.CharField(required=False, max_length=120, allow_blank=True)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)
    window_h = serializers.IntegerField(required=False, min_value=1, max_value=LONGEST_WINDOW_H)
    split = serializers.ChoiceField(["none", "variant", "source", "room", "season"], required=False)
    episode_id = serializers.UUIDField(required=False)
    cue_id = serializers.UUIDField(required=False)
    experiment = serializers.CharField(required=False, max_length=60, validators=[SLUG])
    steps = serializers.CharField(required=False, max_length=120)

    def validate_steps(self, value: str) -> tuple[str, ...]:
        steps = tuple(value.split(","))
        if len(steps) < LEAST_STEPS or steps != in_order(steps):
            raise serializers.ValidationError(_("Name two steps or more, in this order: %(steps)s.") % {"steps": ",".join(STEP_NAMES)})
        return steps

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "steps" in attrs and ("cue_id" in attrs or "episode_id" in attrs):
            raise serializers.ValidationError({"steps": _("A card's own funnel has its own steps.")})
        return attrs


def read_question(request: Request, reader: Reader) -> Question:
    """Raises: InvalidInput (a value that is none, a parameter that this report does not know), ValidationError."""
    known = QuestionQuery().fields.keys()
    for name in request.query_params:
        if name in known and name not in reader.takes:
            raise InvalidInput(field=name, reason=_("This report cannot be narrowed by it."))
    query = QuestionQuery(data=request.query_params)
    query.is_valid(raise_exception=True)
    given: dict[str, Any] = query.validated_data
    wanted = Slice(**{field.name: given.get(field.name) for field in fields(Slice)})
    options: dict[str, Any] = {name: given[name] for name in ("split", "episode_id", "cue_id", "experiment", "steps") if name in given}
    if "experiment" in given:
        options["split"] = "variant"
    if "window_h" in given:
        options["window_ms"] = given["window_h"] * HOUR_MS
    return Question(wanted, **options)


def answer_question(reader: Reader) -> Answer:
    return lambda request: reader.read(read_question(request, reader))


class ReportView(ApiView):
    """One report as JSON: {"rows": […]}. Needs `insights.view`."""

    answer: ClassVar[Answer]

    def rows(self, request: Request) -> Sequence[Any]:
        require(request.user, "insights.view")
        return type(self).answer(request)


def make_views(name: str, row: type, form: type[serializers.Serializer[Any]], answer: Answer) -> tuple[type[ReportView], type[ReportView]]:
    """The report's views: JSON, CSV. `form` is what a request may say, `answer` reads it and gives rows of the dataclass `row`."""
    out, operation = _serializer_of(name, row), f"insights_{name.replace('-', '_')}"

    class Json(ReportView):
        @extend_schema(tags=["insights"], operation_id=operation, parameters=[form], responses=out)
        def get(self, request: Request) -> Response:
            return Response({"rows": [_as_json(one) for one in self.rows(request)]}, headers={"Cache-Control": "private, no-store"})

    class Csv(ReportView):
        @extend_schema(tags=["insights"], operation_id=f"{operation}_csv", parameters=[form], responses={(200, "text/csv"): str})
        def get(self, request: Request) -> HttpResponse:
            response = HttpResponse(render_csv(row, self.rows(request)), content_type="text/csv; charset=utf-8")
            response["Content-Disposition"] = f'attachment; filename="{current_schema()}-{name}.csv"'
            response["Cache-Control"] = "private, no-store"
            return response

    Json.answer = Csv.answer = answer
    return Json, Csv


def _as_json(row: Any) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _serializer_of(name: str, row: type) -> type[serializers.Serializer[Any]]:
    """For the API's documentation: a row's fields are the dataclass's."""
    title = name.title().replace("-", "")
    one = type(f"Insights{title}Row", (serializers.Serializer,), {field: _field_of(hint) for field, hint in get_type_hints(row).items()})
    return type(f"Insights{title}", (serializers.Serializer,), {"rows": one(many=True)})


def _field_of(hint: Any) -> serializers.Field:
    """`int | None` may be null."""
    parts = get_args(hint) or (hint,)
    kind = next(part for part in parts if part is not NoneType)
    return _FIELDS[kind](allow_null=NoneType in parts)
