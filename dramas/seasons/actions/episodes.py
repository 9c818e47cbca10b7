"""Episodes of a season: adding, ordering, access, removing."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from dramas.seasons.actions.change import lock_episode, lock_season, note_change
from dramas.seasons.errors import OrderOutdated, SeasonFull
from dramas.seasons.facts import EpisodeAccessChanged, EpisodeRemoved
from dramas.seasons.models import Episode
from merchants.foundation.audit import record_action
from merchants.foundation.errors import InvalidInput
from merchants.foundation.facts import emit

MOST_EPISODES = 40  # a bound for the page and the database, not a rule of the trade: the pacing profile has that
EDITABLE = ("title", "synopsis", "access", "unlock_variant_id")


def add_episode(
    *, actor: str, season_id: UUID, title: str = "", synopsis: str = "", access: str = Episode.Access.FREE, unlock_variant_id: UUID | None = None
) -> UUID:
    """Append an episode. An empty title becomes “Episode 7”.

    Raises: SeasonNotFound, SeasonFull, InvalidInput. After commit: emits SeasonChanged.
    """
    with transaction.atomic(durable=True):
        lock_season(season_id)
        number = Episode.objects.filter(season_id=season_id).count() + 1
        if number > MOST_EPISODES:
            raise SeasonFull(most=MOST_EPISODES)
        name = title or _("Episode %(number)s") % {"number": number}
        episode = Episode(season_id=season_id, number=number, title=name, synopsis=synopsis, access=access, unlock_variant_id=unlock_variant_id)
        _check(episode)
        episode.save(force_insert=True)
        record_action(actor=actor, action="episode.add", subject=f"season:{season_id}", number=number, title=episode.title)
        note_change(season_id=season_id, actor=actor)
    return episode.pk


def edit_episode(*, actor: str, episode_id: UUID, changes: dict[str, Any]) -> None:
    """Change `title`, `synopsis`, `access`, `unlock_variant_id` (None takes it away).

    Raises: EpisodeNotFound, InvalidInput. After commit: emits SeasonChanged, and EpisodeAccessChanged when free became paid or the reverse.
    """
    with transaction.atomic(durable=True):
        episode = lock_episode(episode_id)
        was_free = episode.is_free
        changed = [name for name in EDITABLE if name in changes and getattr(episode, name) != changes[name]]
        for name in changed:
            setattr(episode, name, changes[name])
        if episode.is_free:
            episode.unlock_variant_id = None
        _check(episode)
        if not changed:
            return
        episode.save(update_fields=[*EDITABLE, "updated_at"])
        details = {"number": episode.number, "fields": ", ".join(changed), "access": episode.access}
        record_action(actor=actor, action="episode.edit", subject=f"season:{episode.season_id}", **details)
        if was_free != episode.is_free:
            emit(EpisodeAccessChanged(episode_id=episode_id, season_id=episode.season_id, is_protected=not episode.is_free))
        note_change(season_id=episode.season_id, actor=actor)


def reorder_episodes(*, actor: str, season_id: UUID, episode_ids: Sequence[UUID]) -> None:
    """Number the season's episodes in the given order; it must name each of them once.

    Raises: SeasonNotFound, OrderOutdated. After commit: emits SeasonChanged.
    """
    with transaction.atomic(durable=True):
        lock_season(season_id)
        episodes = {episode.pk: episode for episode in Episode.objects.filter(season_id=season_id)}
        if len(episode_ids) != len(episodes) or set(episode_ids) != set(episodes):
            raise OrderOutdated
        moved = [episode for number, episode_id in enumerate(episode_ids, start=1) if (episode := episodes[episode_id]).number != number]
        if not moved:
            return
        for number, episode_id in enumerate(episode_ids, start=1):
            episodes[episode_id].number = number
        Episode.objects.bulk_update(moved, ["number"])
        record_action(actor=actor, action="episode.reorder", subject=f"season:{season_id}", moved=len(moved))
        note_change(season_id=season_id, actor=actor)


def remove_episode(*, actor: str, episode_id: UUID) -> None:
    """Delete an episode; those after it move up.

    Raises: EpisodeNotFound. After commit: emits EpisodeRemoved, SeasonChanged.
    """
    with transaction.atomic(durable=True):
        episode = lock_episode(episode_id)
        season_id, number = episode.season_id, episode.number
        emit(EpisodeRemoved(episode_id=episode_id, season_id=season_id, media_folder=episode.media_folder))
        record_action(actor=actor, action="episode.remove", subject=f"season:{season_id}", number=number, title=episode.title)
        episode.delete()
        Episode.objects.filter(season_id=season_id, number__gt=number).update(number=F("number") - 1)
        note_change(season_id=season_id, actor=actor)


def _check(episode: Episode) -> None:
    episode.title = " ".join(episode.title.split())
    episode.synopsis = episode.synopsis.strip()
    if not 1 <= len(episode.title) <= 120:
        raise InvalidInput(field=_("Title"), reason=_("Give the episode a title of at most 120 characters."))
    if len(episode.synopsis) > 1000:
        raise InvalidInput(field=_("Synopsis"), reason=_("At most 1,000 characters."))
    if episode.access not in Episode.Access.values:
        raise InvalidInput(field=_("Access"), reason=_("Choose free, paid or unlocked by a product."))
