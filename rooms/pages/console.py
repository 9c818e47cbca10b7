"""The host console's state: the room as viewers have it, and the desk."""

from typing import Any

from django.urls import reverse

from rooms.director.console import get_console
from rooms.director.serializers import ConsoleOut
from rooms.pages.state import Visit, room_state
from rooms.pages.texts import CONSOLE
from rooms.program.queries import RoomView

OFFICE_URL = "/admin/"


def console_state(room: RoomView, visit: Visit, shop_name: str, *, can_air: bool) -> dict[str, Any]:
    """Shape: `ConsolePage` in rooms/frontend/console/state.ts. A moderator gets no buttons that change what is on air."""
    return room_state(room, visit, shop_name, CONSOLE) | {
        "console": dict(ConsoleOut(get_console(room.slug)).data),
        "can_air": can_air,
        "console_url": reverse("console-state", args=[room.slug]).removesuffix("state"),
        "office_url": OFFICE_URL,
        "line_url": reverse("line-report", args=[room.slug]),
    }
