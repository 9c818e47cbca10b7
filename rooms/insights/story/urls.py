"""Addresses of what the charts stand on."""

from django.urls import URLPattern, path

from rooms.insights.story import api

urlpatterns: list[URLPattern] = [
    path("api/v1/insights/rooms/<uuid:room_id>/plot/", api.RoomPlot.as_view(), name="insights-plot"),
    path("api/v1/insights/rooms/<uuid:room_id>/behind/", api.RoomBehind.as_view(), name="insights-behind"),
    path("api/v1/insights/rooms/<uuid:room_id>/pulse/", api.RoomPulse.as_view(), name="insights-pulse"),
]
