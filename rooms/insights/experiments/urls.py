"""Addresses of experiments on a shop's host."""

from django.urls import URLPattern, path

from rooms.insights.experiments import api

urlpatterns: list[URLPattern] = [
    path("api/v1/insights/experiments/", api.Experiments.as_view(), name="experiments"),
    path("api/v1/insights/experiments/<uuid:experiment_id>/", api.OneExperiment.as_view(), name="experiment"),
    path("api/v1/insights/experiments/<uuid:experiment_id>/start/", api.Start.as_view(), name="experiment-start"),
    path("api/v1/insights/experiments/<uuid:experiment_id>/stop/", api.Stop.as_view(), name="experiment-stop"),
    path("api/v1/insights/experiments/<uuid:experiment_id>/verdicts/", api.Verdicts.as_view(), name="experiment-verdicts"),
    path("api/v1/insights/experiments/<uuid:experiment_id>/course.csv", api.Course.as_view(), name="experiment-course-csv"),
    path("api/v1/insights/sample-size/", api.SampleSize.as_view(), name="sample-size"),
    path("api/v1/rooms/<slug:slug>/exposures/", api.RoomExposures.as_view(), name="room-exposures"),
]
