"""Addresses of the sockets."""

from django.urls import path

from realtime.consumers import OfficeConsumer, RoomConsumer

websocket_urlpatterns = [
    path("ws/rooms/<slug:slug>/", RoomConsumer.as_asgi()),
    path("ws/office/", OfficeConsumer.as_asgi()),
]
