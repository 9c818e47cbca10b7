"""The socket half of the product's ASGI application."""

import os

import django
from channels.routing import ProtocolTypeRouter, URLRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.realtime.site.settings")
django.setup()

from realtime.exchange import lifespan  # noqa: E402  after Django has set itself up
from realtime.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter({"websocket": URLRouter(websocket_urlpatterns), "lifespan": lifespan})
