"""The page of a season's tags: of the season, its episodes and their cues, in one form."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from commerce.catalog.queries import list_cards
from dramas.pages.board import season_url
from dramas.pages.doors import actor_of, office_view
from dramas.seasons import actions
from dramas.seasons.queries import TaggedEpisode, get_season, list_tagged_episodes
from dramas.seasons.tags import OF_CUES, OF_EPISODES, OF_SEASONS, TAGS, TagGroup, list_choices
from dramas.seasons.timecode import format_timecode
from merchants.accounts.permissions import can
from merchants.dashboard.site import office

PAGE = "admin:dramas_season_tags"
# Names of the form's fields; the id comes behind.
EPISODE, CUE = "episode-", "cue-"


@dataclass(frozen=True)
class TagLine:
    """One thing that has tags: `choices` are (group, [(code, label, is chosen)]), `chosen` what it has, in words."""

    name: str
    title: str
    is_cue: bool
    chosen: str
    choices: list[tuple[Any, list[tuple[str, Any, bool]]]]


@office_view("seasons.view", back=PAGE)
def edit_tags(request: HttpRequest, season_id: UUID) -> HttpResponse:
    """Everybody who sees seasons may look; to save takes the right to edit."""
    if request.method == "POST":
        return _save(request, season_id=season_id)
    season, episodes = get_season(season_id), list_tagged_episodes(season_id)
    context = office.each_context(request) | {
        "title": season.title,
        "season": season,
        "season_url": season_url(season.id),
        "lines": list(_lines(season.title, season.tags, episodes)),
        "may_edit": can(request.user, "seasons.edit"),
    }
    return TemplateResponse(request, "dramas/season/tags.html", context)


@office_view("seasons.edit", back=PAGE)
def _save(request: HttpRequest, season_id: UUID) -> HttpResponse:
    """Only what the form had: a cue that somebody added meanwhile keeps its tags."""
    episodes, cues, season = {}, {}, None
    for name in request.POST.getlist("shown"):
        codes = request.POST.getlist(name)
        if name == "season":
            season = codes
        elif name.startswith(EPISODE):
            episodes[_uuid(name.removeprefix(EPISODE))] = codes
        elif name.startswith(CUE):
            cues[_uuid(name.removeprefix(CUE))] = codes
    actions.tag_season(actor=actor_of(request), season_id=season_id, season=season, episodes=episodes, cues=cues)
    messages.success(request, _("Saved."))
    return redirect(PAGE, season_id)


def _lines(title: str, season_tags: Sequence[str], episodes: Sequence[TaggedEpisode]) -> Iterator[TagLine]:
    products = {card.id: card.title for card in list_cards([cue.product_id for episode in episodes for cue in episode.cues if cue.product_id])}
    yield _line("season", title, season_tags, OF_SEASONS)
    for episode in episodes:
        yield _line(f"{EPISODE}{episode.id}", f"{episode.number}. {episode.title}", episode.tags, OF_EPISODES)
        for cue in episode.cues:
            what = products.get(cue.product_id, "") if cue.product_id else ""
            yield _line(f"{CUE}{cue.id}", f"{format_timecode(cue.at_ms)} {what}".strip(), cue.tags, OF_CUES, is_cue=True)


def _line(name: str, title: str, tags: Sequence[str], groups: tuple[TagGroup, ...], *, is_cue: bool = False) -> TagLine:
    choices = [(label, [(code, text, code in tags) for code, text in offered]) for label, offered in list_choices(groups)]
    return TagLine(name, title, is_cue, ", ".join(str(TAGS[code].label) for code in tags if code in TAGS), choices)


def _uuid(text: str) -> UUID:
    """A name that no form of ours has is an id that nothing has."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
