"""Addresses of live on a shop's host: named in contracts, so they keep their paths."""

from django.urls import URLPattern, path

from merchants.dashboard.site import office
from rooms.live import api, report, views

urlpatterns: list[URLPattern] = [
    path("whip/<slug:slug>/", views.whip_endpoint, name="whip"),
    path("whip/<slug:slug>/<str:session>", views.whip_endpoint, name="whip-session"),
    path("whep/<slug:slug>/", views.whep_endpoint, name="whep"),
    path("whep/<slug:slug>/<str:session>", views.whep_endpoint, name="whep-session"),
    path("api/v1/console/<slug:slug>/live/upload", api.UploadCheck.as_view(), name="console-live-upload"),
    path("api/v1/rooms/<slug:slug>/ice", api.RoomIce.as_view(), name="room-ice"),
    path("office/lines/<slug:slug>/", office.admin_view(report.line), name="line-report"),
    path("office/lines/<slug:slug>/viewers.csv", office.admin_view(report.viewers_csv), name="line-viewers"),
    path("api/v1/rooms/<slug:slug>/film", api.RoomFilm.as_view(), name="room-film"),
]
