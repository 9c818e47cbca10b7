"""The pages' doors."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from merchants.accounts.permissions import can, require
from merchants.foundation.devices import uses_camera, uses_camera_and_screen
from merchants.foundation.errors import Forbidden
from rooms.pages.console import console_state
from rooms.pages.lobby import get_lobby
from rooms.pages.replay import replay_state
from rooms.pages.state import lobby_state, preloads_of, room_state, visit_of
from rooms.pages.texts import ROOM
from rooms.program.errors import RoomNotFound
from rooms.program.queries import RoomView, get_open_room, get_replay


@require_safe
@never_cache
def lobby(request: HttpRequest) -> HttpResponse:
    visit = visit_of(request)
    found = get_lobby(visit.watcher)
    context = {"lobby": found, "state": lobby_state(found), "may_open_office": can(request.user, "office.open")}
    return render(request, "rooms/lobby.html", context)


@require_safe
@never_cache
@uses_camera
def room(request: HttpRequest, slug: str) -> HttpResponse:
    visit = visit_of(request)
    found = _room(slug, visit.viewer.role)
    state = room_state(found, visit, _shop_name(request), ROOM)
    return render(request, "rooms/room.html", {"room": found, "state": state, "preloads": preloads_of(state["playback"])})


@require_safe
@never_cache
def replay(request: HttpRequest, slug: str) -> HttpResponse:
    """The room's latest finished show, or the one that `?show=` names."""
    try:
        found = get_replay(slug, _uuid(request.GET.get("show", "")))
    except RoomNotFound as error:
        raise Http404(error.message) from error
    state = replay_state(found, visit_of(request), _shop_name(request))
    return render(request, "rooms/replay.html", {"replay": found, "state": state, "preloads": preloads_of(state["playback"])})


@require_safe
@never_cache
@uses_camera_and_screen
@login_required
def console(request: HttpRequest, slug: str) -> HttpResponse:
    """For those who may moderate; who may air gets the buttons for it too."""
    try:
        require(request.user, "rooms.moderate")
    except Forbidden as refusal:
        raise PermissionDenied(refusal.message) from refusal
    visit = visit_of(request)
    found = _room(slug, visit.viewer.role)
    state = console_state(found, visit, _shop_name(request), can_air=can(request.user, "rooms.air"))
    return render(request, "rooms/console.html", {"room": found, "state": state})


def _uuid(text: str) -> UUID | None:
    """None for no id. Raises: Http404 for something that is none."""
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Http404 from error


def _room(slug: str, role: str) -> RoomView:
    try:
        return get_open_room(slug, role)
    except RoomNotFound as error:
        raise Http404(error.message) from error


def _shop_name(request: HttpRequest) -> str:
    merchant: Any = request.tenant  # type: ignore[attr-defined]  # set by TenantMiddleware
    return str(merchant.name)
