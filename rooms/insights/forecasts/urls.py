"""Addresses of forecasts."""

from django.urls import URLPattern, path

from rooms.insights.forecasts.api import RoomForecastView

urlpatterns: list[URLPattern] = [
    path("api/v1/insights/rooms/<slug:slug>/forecast/", RoomForecastView.as_view(), name="room-forecast-api"),
]
