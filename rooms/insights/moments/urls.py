"""Addresses of suggestions."""

from django.urls import URLPattern, path

from rooms.insights.moments import api

urlpatterns: list[URLPattern] = [
    path("api/v1/insights/episodes/<uuid:episode_id>/moments/", api.EpisodeMoments.as_view(), name="episode-moments"),
    path("api/v1/insights/episodes/<uuid:episode_id>/tests/", api.MomentTests.as_view(), name="moment-tests"),
]
