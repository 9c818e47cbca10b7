"""Addresses of the pages: named in contracts, so they keep their paths."""

from django.urls import URLPattern, path

from rooms.pages import api, public_files, views

urlpatterns: list[URLPattern] = [
    path("", views.lobby, name="lobby"),
    path("rooms/<slug:slug>/", views.room, name="room"),
    path("rooms/<slug:slug>/replay/", views.replay, name="replay"),
    path("console/<slug:slug>/", views.console, name="console"),
    path("api/v1/rooms/<slug:slug>/ticket/", api.TicketView.as_view(), name="room-ticket"),
    path("api/v1/rooms/<slug:slug>/attribution/", api.AttributionView.as_view(), name="room-attribution"),
    path("manifest.webmanifest", public_files.manifest, name="manifest"),
    path("icon.svg", public_files.icon, name="icon"),
    path("robots.txt", public_files.robots, name="robots"),
]
