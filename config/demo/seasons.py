"""From a story's films to an approved season: the same steps an editor and a reviewer take."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from commerce.catalog.queries import ProductCard
from config.demo.film import RenderedEpisode, Story, render_episode
from config.demo.people import email_of
from config.demo.shops import LANGUAGE, sell_unlock
from dramas.seasons import actions as seasons
from dramas.seasons.actions.cues import CueDraft
from dramas.seasons.digest import digest_of
from dramas.seasons.errors import SeasonNotFound
from dramas.seasons.queries import EpisodeView, SeasonView, get_season
from dramas.transcode.actions.uploads import import_source_file
from merchants.accounts.queries import get_person

POLL_S = 0.25
RENDER_NICENESS = 5  # the shop that is already open goes first
TRANSCODE_TIMEOUT_S = 900.0
UNLOCK_PRICE_MINOR = 199


class NotTranscoded(Exception):
    """An episode failed or did not become ready in time; the text names it."""


@dataclass(frozen=True)
class Cut:
    """Which part of a story makes the season. `last_is_paid`: the last episode opens by payment."""

    slug: str
    title: str
    profile: str
    numbers: range
    last_is_paid: bool = False


def make_season(
    *, story: Story, cut: Cut, cards: Mapping[str, ProductCard], films: Path, on_film: Callable[[int], None] = lambda number: None
) -> UUID:
    """Build the season of `cut`, wait for its media, let the reviewer approve it. Goes on where an earlier run stopped.

    Needs: the shop's schema. Raises: NotTranscoded.
    """
    actor = email_of("editor", story.slug)
    season = _find(cut.slug) or _begin(story, cut, actor)
    for place, number in enumerate(cut.numbers):
        episode = season.episodes[place] if place < len(season.episodes) else None
        if episode is None or episode.state == "empty":
            film = render_episode(story.slug, number, films, ffmpeg=settings.FFMPEG_BIN, density=settings.DEMO_DENSITY, niceness=RENDER_NICENESS)
            is_paid = cut.last_is_paid and number == cut.numbers[-1]
            _fill_episode(season.id, episode.id if episode else None, film, cards, actor, is_paid=is_paid)
            on_film(number)
    season = wait_until_ready(season.id)
    if not season.is_airable:
        seasons.approve_season(approver=get_person(email_of("reviewer", story.slug)), season_id=season.id, digest=digest_of(season.id))
    return season.id


def _find(slug: str) -> SeasonView | None:
    try:
        return get_season(slug)
    except SeasonNotFound:
        return None


def _begin(story: Story, cut: Cut, actor: str) -> SeasonView:
    season_id = seasons.create_season(
        actor=actor, title=cut.title, slug=cut.slug, profile=cut.profile, synopsis=story.synopsis[LANGUAGE], licence_line="(demo) 2026-0001"
    )
    return get_season(season_id)


def _fill_episode(
    season_id: UUID, standing_id: UUID | None, film: RenderedEpisode, cards: Mapping[str, ProductCard], actor: str, *, is_paid: bool
) -> None:
    """`standing_id`: an episode that an earlier run added without its film."""
    episode_id = standing_id or seasons.add_episode(actor=actor, season_id=season_id, title=film.title[LANGUAGE], synopsis=film.synopsis[LANGUAGE])
    if is_paid:
        unlock = sell_unlock(
            title=f"{film.title[LANGUAGE]} (episode {film.number})",
            slug=f"unlock-{film.story}-{film.number}",
            price_minor=UNLOCK_PRICE_MINOR,
            grants=f"episode:{episode_id}",
        )
        seasons.edit_episode(actor=actor, episode_id=episode_id, changes={"access": "paid", "unlock_variant_id": unlock.variants[0].id})
    for language, path in film.captions.items():
        seasons.put_captions(actor=actor, episode_id=episode_id, language=language, data=path.read_bytes())
    drafts = [CueDraft(at_ms=cue.at_ms, duration_ms=cue.duration_ms, product_id=cards[cue.product_slug].id) for cue in film.cues]
    seasons.replace_cues(actor=actor, episode_id=episode_id, drafts=drafts)
    import_source_file(episode_id=episode_id, path=film.video_path, actor=actor)


def wait_until_ready(season_id: UUID) -> SeasonView:
    """The season once every episode plays. Raises: NotTranscoded."""
    season = wait_until_settled(season_id)
    failed = [f"{episode.title}: {episode.failure_code}" for episode in season.episodes if episode.state == "failed"]
    if failed:
        raise NotTranscoded(", ".join(failed))
    return season


def wait_until_settled(season_id: UUID) -> SeasonView:
    """The season once nothing is at work on any episode: each is ready or has failed. Raises: NotTranscoded (not in time)."""
    deadline = time.monotonic() + TRANSCODE_TIMEOUT_S
    while True:
        season = get_season(season_id)
        at_work = [f"{episode.title}: {episode.state}" for episode in season.episodes if not _is_settled(episode)]
        if not at_work:
            return season
        if time.monotonic() > deadline:
            raise NotTranscoded(", ".join(at_work))
        time.sleep(POLL_S)


def _is_settled(episode: EpisodeView) -> bool:
    return episode.state == "failed" or (episode.state == "ready" and (episode.is_free or episode.is_encrypted))
