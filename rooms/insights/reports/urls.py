"""Addresses of the reports."""

from typing import Any

from django.urls import URLPattern, path
from rest_framework.serializers import Serializer

from merchants.dashboard.site import office
from rooms.insights.reports import runs_api
from rooms.insights.reports.api import Answer, QuestionQuery, answer_question, make_views
from rooms.insights.reports.readers import READERS
from rooms.insights.reports.stories import STORIES
from rooms.insights.reports.views import insights

urlpatterns: list[URLPattern] = [
    path("insights/", office.admin_view(insights), name="insights"),
    path("api/v1/insights/rooms/<uuid:room_id>/runs/", runs_api.RoomRuns.as_view(), name="report-runs"),
    path("api/v1/insights/runs/<uuid:run_id>/cancel/", runs_api.CancelRun.as_view(), name="report-run-cancel"),
]
_REPORTS: dict[str, tuple[type, type[Serializer[Any]], Answer]] = {
    name: (reader.row, QuestionQuery, answer_question(reader)) for name, reader in READERS.items()
}
_REPORTS |= {name: (story.row, story.form, story.answer) for name, story in STORIES.items()}
for _name, (_row, _form, _answer) in _REPORTS.items():
    _json, _csv = make_views(_name, _row, _form, _answer)
    urlpatterns += [
        path(f"api/v1/insights/{_name}/", _json.as_view(), name=f"insights-{_name}"),
        path(f"api/v1/insights/{_name}.csv", _csv.as_view(), name=f"insights-{_name}-csv"),
    ]
