"""The peer of `fanout/channels`: what the documentation of Channels builds. A group, a JSON consumer, channels-redis core."""

import os

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="peer",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["channels"],
    LOGGING_CONFIG=None,
    # The layer waits five seconds for a message, which is also redis-py's limit for any answer, on a connection for each waiter.
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [{"address": os.environ["VALKEY_URL"], "socket_timeout": 60, "max_connections": 10_000}]},
        }
    },
)
django.setup()

from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402  after Django has set itself up
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402


class Room(AsyncJsonWebsocketConsumer):
    group = "room"

    async def connect(self) -> None:
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content: dict[str, str], **_: object) -> None:
        await self.channel_layer.group_send(self.group, {"type": "room.note", "note": content})

    async def room_note(self, event: dict[str, dict[str, str]]) -> None:
        await self.send_json(event["note"])


application = ProtocolTypeRouter({"websocket": URLRouter([path("room/", Room.as_asgi())])})
