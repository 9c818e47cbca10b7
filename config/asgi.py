"""HTTP to Django, sockets to the realtime floor."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()


def _doors() -> dict[str, Any]:
    from realtime.exchange import lifespan_with  # after Django has set itself up
    from realtime.routing import websocket_urlpatterns
    from rooms.live.guard import BodyGuard
    from rooms.live.hls import FilmDoor
    from rooms.preparation.listener import listener

    return {"http": FilmDoor(BodyGuard(http)), "websocket": URLRouter(websocket_urlpatterns), "lifespan": lifespan_with(listener)}


application = ProtocolTypeRouter(_doors())
