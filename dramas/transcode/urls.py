"""Addresses of the transcode slice, included by the dramas floor."""

from django.urls import path

from dramas.transcode.api import CancelView, EpisodeWorkView, RetryView, UploadsView, UploadView

urlpatterns = [
    path("api/v1/transcode/uploads/", UploadsView.as_view(), name="uploads"),
    path("api/v1/transcode/uploads/<uuid:upload_id>/", UploadView.as_view(), name="upload"),
    path("api/v1/transcode/episodes/<uuid:episode_id>/", EpisodeWorkView.as_view(), name="episode-work"),
    path("api/v1/transcode/episodes/<uuid:episode_id>/retry/", RetryView.as_view(), name="episode-retry"),
    path("api/v1/transcode/episodes/<uuid:episode_id>/cancel/", CancelView.as_view(), name="episode-cancel"),
]
