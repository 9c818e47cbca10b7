"""Addresses of the playback slice."""

from django.urls import URLPattern, path

from dramas.playback import api, views

urlpatterns: list[URLPattern] = [
    path("media/<path:path>", views.serve_media, name="media"),
    path("api/v1/playback/episodes/<uuid:episode_id>/", api.EpisodePlaybackView.as_view(), name="playback-episode"),
    path("api/v1/playback/keys/<uuid:episode_id>/<slug:version>", api.KeyView.as_view(), name="playback-key"),
    path("api/v1/playback/captions/<uuid:episode_id>/<slug:language>.vtt", api.CaptionsView.as_view(), name="playback-captions"),
    path("api/v1/playback/seasons/<uuid:season_id>/position", api.PositionView.as_view(), name="playback-position"),
]
