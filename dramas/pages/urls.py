"""Addresses of the pages slice outside the office's own."""

from django.urls import URLPattern, path

from dramas.pages import api, watch

urlpatterns: list[URLPattern] = [
    path("seasons/<slug:slug>/", watch.watch_season, name="season"),
    path("api/v1/office/episodes/<uuid:episode_id>/cues/", api.CuesView.as_view(), name="office-cues"),
    path("api/v1/office/cues/<uuid:cue_id>/", api.CueView.as_view(), name="office-cue"),
]
