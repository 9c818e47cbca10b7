"""An episode in the office: video, words, captions, and its cues on the timeline."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from commerce.catalog.queries import ProductCard, list_cards, search
from dramas.pages.board import season_url
from dramas.pages.cue_texts import cue_texts
from dramas.pages.doors import actor_of, office_view
from dramas.pages.forms import CaptionForm, EpisodeForm, unlock_choices
from dramas.playback.queries import get_playback
from dramas.playback.serializers import as_json
from dramas.seasons import actions
from dramas.seasons.captions import MAX_BYTES
from dramas.seasons.cue_kinds import list_cue_kinds
from dramas.seasons.queries import EpisodeView, get_episode, get_season, list_captions, list_cues
from dramas.seasons.validation import list_findings
from merchants.accounts.guests import viewer_of
from merchants.accounts.permissions import can
from merchants.dashboard.site import office
from merchants.foundation.errors import InvalidInput

PAGE, SEASONS = "admin:dramas_episode_change", "admin:dramas_season_changelist"
PRODUCTS_OFFERED = 200


@require_safe
@office_view("seasons.view", back=SEASONS)
def show_episode(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    return _page(request, get_episode(episode_id))


def _page(request: HttpRequest, episode: EpisodeView, form: EpisodeForm | None = None) -> HttpResponse:
    season = get_season(episode.season_id)
    cards = _products(episode)
    place = next(number for number, other in enumerate(season.episodes) if other.id == episode.id)
    context = office.each_context(request) | {
        "title": episode.title,
        "season": season,
        "season_url": season_url(season.id),
        "episode": episode,
        "previous": season.episodes[place - 1] if place else None,
        "next": season.episodes[place + 1] if place + 1 < len(season.episodes) else None,
        "form": form or _form(episode, cards),
        "captions": list_captions(episode.id),
        "findings": [finding for finding in list_findings(season.id) if finding.episode_id == episode.id and finding.level != "ok"],
        "state": _state(request, episode, cards),
        "may_edit": can(request.user, "seasons.edit"),
    }
    return TemplateResponse(request, "dramas/episode/page.html", context, status=422 if form is not None else 200)


def _products(episode: EpisodeView) -> list[ProductCard]:
    """What may be put on a card: everything for sale, and what this episode's cues already name."""
    offered, _count = search(limit=PRODUCTS_OFFERED)
    known = {card.id for card in offered}
    named = [cue.product_id for cue in list_cues(episode.id) if cue.product_id and cue.product_id not in known]
    return offered + list_cards(named)


def _form(episode: EpisodeView, cards: list[ProductCard], data: Any = None) -> EpisodeForm:
    unlocks = unlock_choices(cards, {episode.grants, f"season:{episode.season_id}"})
    initial = {"title": episode.title, "synopsis": episode.synopsis, "access": episode.access, "unlock_variant_id": str(episode.variant_id or "")}
    return EpisodeForm(data, initial=initial, unlocks=unlocks)


def _state(request: HttpRequest, episode: EpisodeView, cards: list[ProductCard]) -> dict[str, Any]:
    """What the editor's script reads: see `dramas/frontend/cues/state.ts`."""
    playback = get_playback(episode.id, viewer_of(request).id, sees_drafts=True)
    return {
        "episode_id": str(episode.id),
        "season_id": str(episode.season_id),
        "number": episode.number,
        "duration_ms": episode.duration_ms,
        "frame_rate": episode.frame_rate,
        "may_edit": can(request.user, "seasons.edit"),
        "playback": as_json(playback),
        "cues": as_json(playback)["cues"],
        "products": [_product(card) for card in cards],
        "kinds": [{"name": kind.name, "label": str(kind.label), "needs_product": kind.needs_product} for kind in list_cue_kinds()],
        "cues_url": reverse("office-cues", args=[episode.id]),
        "preview_url": reverse("admin:dramas_episode_preview", args=[episode.id]),
        "texts": cue_texts(),
    }


def _product(card: ProductCard) -> dict[str, Any]:
    first = card.variants[0] if card.variants else None
    return {
        "id": str(card.id),
        "title": card.title,
        "subtitle": card.subtitle,
        "image_url": card.image_url,
        "price": first.price.text if first else "",
        "available": sum(variant.available for variant in card.variants),
        "is_limited": any(variant.is_limited for variant in card.variants),
    }


@require_POST
@office_view("seasons.edit", back=PAGE)
def save(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    episode = get_episode(episode_id)
    form = _form(episode, _products(episode), request.POST)
    if not form.is_valid():
        return _page(request, episode, form)
    actions.edit_episode(actor=actor_of(request), episode_id=episode_id, changes=form.changes())
    messages.success(request, _("Saved."))
    return redirect(PAGE, episode_id)


@require_POST
@office_view("seasons.edit", back=PAGE)
def put_captions(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    form = CaptionForm(request.POST, request.FILES)
    if not form.is_valid():
        raise InvalidInput(field=_("Captions"), reason=_("Choose a WebVTT file and its language."))
    data = form.cleaned_data["file"].read(MAX_BYTES + 1)
    count = actions.put_captions(actor=actor_of(request), episode_id=episode_id, language=form.cleaned_data["language"].strip(), data=data)
    messages.success(request, _("%(count)s subtitles are in.") % {"count": count})
    return redirect(PAGE, episode_id)


@require_POST
@office_view("seasons.edit", back=PAGE)
def remove_captions(request: HttpRequest, episode_id: UUID, language: str) -> HttpResponse:
    actions.remove_captions(actor=actor_of(request), episode_id=episode_id, language=language)
    return redirect(PAGE, episode_id)


@require_POST
@office_view("seasons.edit", back=PAGE)
def remove(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    season_id = get_episode(episode_id).season_id
    actions.remove_episode(actor=actor_of(request), episode_id=episode_id)
    return redirect("admin:dramas_season_change", season_id)


@require_safe
@office_view("seasons.view", back=PAGE)
def show_preview(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """The episode as a phone shows it, with its cards, before anybody else may see it."""
    episode = get_episode(episode_id)
    state = _state(request, episode, _products(episode))
    context = office.each_context(request) | {"episode": episode, "season_url": season_url(episode.season_id), "state": state, "title": episode.title}
    return TemplateResponse(request, "dramas/episode/preview.html", context)
