"""The state that a living page starts from, as one JSON script. Shapes: rooms/frontend/show/page.ts."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import get_language, get_language_info

from commerce.catalog.references import list_reference_prices
from dramas.playback.gates import Watcher
from dramas.playback.queries import get_playback
from dramas.playback.serializers import PlaybackSerializer
from dramas.seasons.errors import EpisodeNotFound, SeasonNotFound
from merchants.accounts.guests import Viewer, viewer_of
from merchants.accounts.permissions import can
from merchants.foundation import clock
from merchants.foundation.money import format_money
from merchants.foundation.tenancy import current_schema
from realtime.errors import Unreachable
from realtime.publish import Topic, get_cursor
from realtime.ticket import issue_ticket
from rooms.cards.queries import list_products
from rooms.engagement.messages import MAX_COMMENT_LENGTH, MAX_DANMAKU_LENGTH
from rooms.insights.events.filters import is_measured
from rooms.insights.events.variants import seal_variants
from rooms.insights.experiments.kinds import Kind
from rooms.insights.experiments.payloads import PriceDisplay
from rooms.insights.experiments.variations import Variation, list_variations
from rooms.pages.audience import count_online
from rooms.pages.lobby import Lobby
from rooms.pages.seasons import find_season, season_state
from rooms.pages.texts import LOBBY, Texts
from rooms.program.clock import current_entry
from rooms.program.queries import RoomView, list_last_entries, list_rooms_upcoming
from rooms.program.states import SourceKind
from rooms.snapshot.queries import get_snapshot

TICKET_TTL_S = 3600
UPCOMING_SHOWN = 3
# The player replaces it with the episode's id.
EPISODE_PLACE = UUID(int=0)


@dataclass(frozen=True)
class Visit:
    """Who opens a page, and what they may see."""

    viewer: Viewer
    watcher: Watcher
    csrf: str
    is_measured: bool


def visit_of(request: HttpRequest) -> Visit:
    viewer = viewer_of(request)
    return Visit(
        viewer=viewer,
        watcher=Watcher(viewer.id, sees_drafts=can(request.user, "seasons.view")),
        csrf=get_token(request),
        is_measured=_is_measured(request, viewer),
    )


def room_state(room: RoomView, visit: Visit, shop_name: str, texts: Texts) -> dict[str, Any]:
    """Everything the room page needs for its first frame. Shape: `RoomPage`.

    The cursor is read before the snapshot: the socket then repeats what the snapshot may already hold, and loses nothing.
    """
    cursor = _cursor(room)
    snapshot = msgspec.to_builtins(get_snapshot(room.id, visit.viewer.id))
    variations = _variations(room, visit.viewer)
    return frame_state(visit, shop_name, texts) | {
        "socket": {"path": f"/ws/rooms/{room.slug}/", "ticket": issue_room_ticket(room, visit.viewer), "cursor": cursor},
        "urls": room_urls(room.slug),
        "snapshot": snapshot,
        "online": count_online([room.id])[room.id],
        "season": season_state(find_season(room.season_id, visit.watcher)),
        "variations": [_variation_state(variation) for variation in variations],
        "reference_prices": _reference_prices(variations, snapshot),
        "playback": _playback_on_air(room, visit.watcher),
        "measure": measure_state(room.slug, visit, _variants_of_visit(room, visit.viewer, variations)),
        "upcoming": _upcoming(room),
        "limits": {"danmaku": MAX_DANMAKU_LENGTH, "comment": MAX_COMMENT_LENGTH},
    }


def lobby_state(lobby: Lobby) -> dict[str, Any]:
    """What the lobby's script needs: its products as the cards show them. Shape: `LobbyPage` in rooms/frontend/lobby/state.ts."""
    products = list_products([product.id for product in lobby.products])
    return {
        "language": get_language() or settings.LANGUAGE_CODE,
        "server_ms": clock.now_ms(),
        "products": msgspec.to_builtins(products),
        "texts": {key: str(text) for key, text in LOBBY.items()},
    }


def frame_state(visit: Visit, shop_name: str, texts: Texts) -> dict[str, Any]:
    """What every living page carries."""
    viewer = visit.viewer
    return {
        "language": get_language() or settings.LANGUAGE_CODE,
        "server_ms": clock.now_ms(),
        "shop": {"name": shop_name},
        "viewer": {"id": viewer.id, "nickname": viewer.nickname, "is_guest": viewer.is_guest},
        "languages": [{"code": code, "name": get_language_info(code)["name_local"].capitalize()} for code, _name in settings.LANGUAGES],
        "csrf": visit.csrf,
        "texts": {key: str(text) for key, text in texts.items()},
    }


def measure_state(slug: str, visit: Visit, variant: str = "") -> dict[str, Any]:
    """Where the page sends its events; nowhere for who is not measured. `variant`: the signed word of what it was served with."""
    return {"events": reverse("room-events", args=[slug]) if visit.is_measured else None, "variant": variant}


def _is_measured(request: HttpRequest, viewer: Viewer) -> bool:
    return is_measured(role=viewer.role, headers=request.headers, cookies=request.COOKIES)


def room_urls(slug: str) -> dict[str, str]:
    """Addresses that the page calls or links; `{episode}` is filled in the browser."""
    playback = reverse("playback-episode", args=[EPISODE_PLACE]).replace(str(EPISODE_PLACE), "{episode}")
    return {
        "lobby": reverse("lobby"),
        "room": reverse("room", args=[slug]),
        "replay": reverse("replay", args=[slug]),
        "ticket": reverse("room-ticket", args=[slug]),
        "danmaku": reverse("room-danmaku", args=[slug]),
        "nickname": reverse("room-nickname", args=[slug]),
        "attribution": reverse("room-attribution", args=[slug]),
        "exposures": reverse("room-exposures", args=[slug]),
        "playback": playback,
        "orders": reverse("own_orders"),
        "ice": reverse("room-ice", args=[slug]),
        "film": reverse("room-film", args=[slug]),
        "set_language": reverse("set_language"),
    }


def issue_room_ticket(room: RoomView, viewer: Viewer) -> str:
    return issue_ticket(
        current_schema(), room_id=room.id, slug=room.slug, viewer_id=viewer.id, nickname=viewer.nickname, role=viewer.role, ttl_s=TICKET_TTL_S
    )


def playback_state(episode_id: UUID, watcher: Watcher) -> dict[str, Any] | None:
    """The episode for the player; None when it is not published for this viewer."""
    try:
        playback = get_playback(episode_id, watcher.viewer_id, sees_drafts=watcher.sees_drafts)
    except (EpisodeNotFound, SeasonNotFound):
        return None
    return dict(PlaybackSerializer(playback).data)


def preloads_of(playback: dict[str, Any] | None) -> list[str]:
    """Files whose download may begin with the page."""
    if not playback or not playback["init_url"]:
        return []
    return [playback["init_url"]]


def _playback_on_air(room: RoomView, watcher: Watcher) -> dict[str, Any] | None:
    entry = current_entry(list_last_entries(room.airing_id), clock.now_ms()) if room.is_on_air else None
    if entry is None or entry.source.kind != SourceKind.EPISODE or entry.source.id is None:
        return None
    return playback_state(entry.source.id, watcher)


def _variations(room: RoomView, viewer: Viewer) -> list[Variation]:
    """The experiments that this viewer meets here. Staff meet none."""
    return [] if viewer.role else list_variations(room.id, room.season_id, viewer.id)


def _variation_state(variation: Variation) -> dict[str, Any]:
    """Shape: `Variation`."""
    return {
        "experiment_id": str(variation.experiment_id),
        "kind": variation.kind,
        "episode_ids": [str(episode_id) for episode_id in variation.episode_ids],
        "cue_times": {str(cue_id): at_ms for cue_id, at_ms in variation.cue_times.items()},
        "payload": dict(variation.payload),
        "arms": [dict(arm) for arm in variation.arms],
    }


def _variants_of_visit(room: RoomView, viewer: Viewer, variations: list[Variation]) -> str:
    return seal_variants([variation.word for variation in variations], schema=current_schema(), room_id=room.id, viewer_id=viewer.id)


def _reference_prices(variations: list[Variation], snapshot: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By variant, where an experiment shows them: the control's page has them too, so that it knows where the arms differ."""
    shown = [arm.get("display") for variation in variations if variation.kind == Kind.PRICE_DISPLAY for arm in variation.arms]
    if PriceDisplay.REFERENCE not in shown:
        return {}
    found = list_reference_prices([UUID(product["id"]) for product in snapshot["products"]])
    return {str(one.variant_id): {"now_minor": one.now.amount_minor, "text": format_money(one.before)} for one in found}


def _cursor(room: RoomView) -> dict[str, Any] | None:
    """None without Valkey: the socket then begins with a snapshot of its own."""
    try:
        head = get_cursor(Topic.room(current_schema(), room.id))
    except Unreachable:
        return None
    return {"epoch": head.epoch, "seq": head.seq}


def _upcoming(room: RoomView) -> list[dict[str, Any]]:
    rooms = [other for other in list_rooms_upcoming() if other.id != room.id and other.scheduled_at is not None]
    return [
        {"title": other.title, "url": reverse("room", args=[other.slug]), "starts_at_ms": clock.to_ms(other.scheduled_at)}
        for other in rooms[:UPCOMING_SHOWN]
        if other.scheduled_at
    ]
