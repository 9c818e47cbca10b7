"""The season player of the shop: a season on one's own, going on where the viewer left."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from commerce.catalog.queries import list_cards
from dramas.playback.gates import Gate, list_gates
from dramas.playback.queries import get_last_position, get_playback
from dramas.playback.serializers import UnlockSerializer, as_json
from dramas.playback.views import watcher_of
from dramas.seasons.queries import SeasonView, get_season, list_cues_of
from dramas.seasons.timecode import format_length
from merchants.foundation import signing
from merchants.foundation.errors import NotFound

ATTRIBUTION_TTL_S = 24 * 3600
NEARLY_OVER_MS = 3_000  # leaving in the last seconds goes on with the next episode


@require_safe
@never_cache
@ensure_csrf_cookie
def watch_season(request: HttpRequest, slug: str) -> HttpResponse:
    """`?episode=3` begins with that episode; else where the viewer left, else the first."""
    watcher = watcher_of(request)
    try:
        season = get_season(slug)
        gates = [gate for gate in list_gates(season, watcher) if gate.episode.is_playable]
    except NotFound as refusal:
        raise Http404(refusal.message) from refusal
    if not gates:
        return render(request, "dramas/watch/soon.html", {"season": season}, status=200)
    resume = get_last_position(season.id, watcher.viewer_id)
    gate, position_ms = _start(gates, resume, request.GET.get("episode", ""))
    playback = get_playback(gate.episode.id, watcher.viewer_id, sees_drafts=watcher.sees_drafts)
    state = {
        "season": {"id": str(season.id), "slug": season.slug, "title": season.title, "licence_line": season.licence_line},
        "episodes": [_episode(gate) for gate in gates],
        "playback": as_json(playback),
        "start_ms": position_ms,
        "saved_at_ms": resume.saved_at_ms if resume else 0,
        "products": _products(gates),
        "is_draft": not season.is_published,
        "attribution": _attribution(season),
        "playback_url": reverse("playback-episode", args=[gate.episode.id]).replace(str(gate.episode.id), "{episode}"),
        "position_url": reverse("playback-position", args=[season.id]),
        "texts": _texts(),
    }
    return render(request, "dramas/watch/page.html", {"season": season, "state": state, "playback": playback, "gates": gates})


def _start(gates: list[Gate], resume: Any, asked: str) -> tuple[Gate, int]:
    """Which episode to begin with, and where."""
    by_number = {str(gate.episode.number): gate for gate in gates}
    if asked in by_number:
        gate = by_number[asked]
        return gate, resume.position_ms if resume and resume.episode_id == gate.episode.id else 0
    places = {gate.episode.id: place for place, gate in enumerate(gates)}
    if resume is None or resume.episode_id not in places:
        return gates[0], 0
    place = places[resume.episode_id]
    if resume.position_ms >= gates[place].episode.duration_ms - NEARLY_OVER_MS:
        return (gates[place + 1], 0) if place + 1 < len(gates) else (gates[0], 0)
    return gates[place], resume.position_ms


def _episode(gate: Gate) -> dict[str, Any]:
    episode = gate.episode
    return {
        "id": str(episode.id),
        "number": episode.number,
        "title": episode.title,
        "duration_ms": episode.duration_ms,
        "length": format_length(episode.duration_ms),
        "poster_url": episode.poster_url,
        "is_locked": gate.is_locked,
        "unlock": UnlockSerializer(gate.unlock).data if gate.unlock else None,
    }


def _products(gates: list[Gate]) -> list[Any]:
    """Cards of everything the season shows or is unlocked by, so that a cue finds its product without asking."""
    cues = list_cues_of(gate.episode.id for gate in gates)
    named = [cue.product_id for found in cues.values() for cue in found if cue.product_id]
    named += [gate.unlock.product_id for gate in gates if gate.unlock]
    return [_card(card) for card in list_cards(dict.fromkeys(named))]


def _card(card: Any) -> dict[str, Any]:
    fields = ("slug", "title", "subtitle", "image_url", "badge", "ships")
    variants = [
        {
            "id": str(variant.id),
            "title": variant.title,
            "price": {"amount_minor": variant.price.amount_minor, "currency": variant.price.currency, "text": variant.price.text},
            "available": variant.available,
            "stock_total": variant.stock_total,
            "is_limited": variant.is_limited,
        }
        for variant in card.variants
    ]
    return {"id": str(card.id), "variants": variants} | {name: getattr(card, name) for name in fields}


def _attribution(season: SeasonView) -> str:
    """Says to the order that it came from watching alone."""
    return signing.sign(
        "attribution", {"room_id": None, "season_id": str(season.id), "program_seq": 0, "position_ms": 0, "cue_id": None}, ATTRIBUTION_TTL_S
    )


def _texts() -> dict[str, str]:
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "sound_on": _("Tap for sound"),
        "sound_off": _("Sound off"),
        "mute": _("Mute"),
        "unmute": _("Sound on"),
        "captions": _("Captions"),
        "captions_off": _("Off"),
        "fullscreen": _("Full screen"),
        "episodes": _("Episodes"),
        "close": _("Close"),
        "next": _("Next episode"),
        "episode": _("Episode %(number)s"),
        "of": _("%(number)s/%(all)s"),
        "locked": _("Locked"),
        "locked_title": _("Episode %(number)s is locked"),
        "locked_text": _("Unlock it once and watch it whenever you like."),
        "not_for_sale": _("It is not for sale right now. Come back later."),
        "unlock": _("Unlock for %(price)s"),
        "watch_free": _("Watch the free episodes"),
        "ended": _("That was the last episode."),
        "again": _("Watch again"),
        "buy": _("Buy"),
        "sold_out": _("Sold out"),
        "left": _("%(count)s left"),
        "ad": _("Ad"),
        "draft": _("Preview: not approved yet, only staff can see this."),
        "seek": _("Position in the episode"),
        "trouble_network": _("The connection is weak. Trying again."),
        "trouble_no_picture": _("The picture is not arriving. Trying again."),
        "trouble_locked": _("This episode is locked again. Unlock it to go on."),
        "trouble_gone": _("The picture does not arrive. Check the connection, then try again."),
        "retry": _("Try again"),
        "resumed": _("Going on where you left"),
        "drawer_closed": _("Show episodes"),
        "back": _("To the shop"),
    }
