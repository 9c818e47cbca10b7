"""The office's page of a room's forecast, and of what was prepared for because of it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from merchants.accounts.permissions import require
from merchants.dashboard.site import office
from merchants.foundation.errors import Forbidden
from rooms.insights.forecasts.queries import forecast_room
from rooms.preparation.queries import list_preparations
from rooms.program.errors import RoomNotFound
from rooms.program.queries import get_room


@require_safe
def room_forecast(request: HttpRequest, slug: str) -> HttpResponse:
    """Each card of the next show, with the error of past forecasts beside it; and the last cards that were prepared for."""
    try:
        require(request.user, "insights.view")
        room = get_room(slug)
    except Forbidden as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except RoomNotFound as error:
        raise Http404(error.message) from error
    found = forecast_room(room)
    labels = {"viewers": _("Viewers"), "taps": _("Taps"), "orders": _("Orders")}
    context: dict[str, Any] = {
        "title": _("Forecast"),
        "room": room,
        "forecast": found,
        "measured": [
            {"label": labels[name], "percent": measured.error * 100, "naive_percent": measured.naive_error * 100}
            for name, measured in found.measured.items()
        ],
        "preparations": list_preparations(room.id),
    }
    return render(request, "rooms/forecast.html", office.each_context(request) | context)
