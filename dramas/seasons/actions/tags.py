"""Tags of a season, its episodes and their cues. They do not air: no approval falls."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from dramas.seasons.actions.change import lock_season
from dramas.seasons.errors import CueNotFound, EpisodeNotFound
from dramas.seasons.models import Cue, Episode
from dramas.seasons.tags import MOST_TAGS, OF_CUES, OF_EPISODES, OF_SEASONS, TAGS, TagGroup
from merchants.foundation.audit import record_action
from merchants.foundation.errors import InvalidInput

Codes = Sequence[str]


def tag_season(
    *,
    actor: str,
    season_id: UUID,
    season: Codes | None = None,
    episodes: Mapping[UUID, Codes] | None = None,
    cues: Mapping[UUID, Codes] | None = None,
) -> None:
    """Put tags (codes of `tags.TAGS`) in the place of those there; what is not named keeps its own.

    Raises: SeasonNotFound; EpisodeNotFound, CueNotFound (also when it is another season's); InvalidInput. Then nothing has changed.
    """
    with transaction.atomic(durable=True):
        row = lock_season(season_id)
        known_episodes = {episode.pk: episode for episode in Episode.objects.filter(season_id=season_id)}
        known_cues = {cue.pk: cue for cue in Cue.objects.filter(episode__season_id=season_id)}
        if not set(episodes or {}) <= set(known_episodes):
            raise EpisodeNotFound
        if not set(cues or {}) <= set(known_cues):
            raise CueNotFound
        if season is not None:
            row.tags = _check(season, OF_SEASONS)
            row.save(update_fields=["tags"])
        for episode_id, codes in (episodes or {}).items():
            known_episodes[episode_id].tags = _check(codes, OF_EPISODES)
        for cue_id, codes in (cues or {}).items():
            known_cues[cue_id].tags = _check(codes, OF_CUES)
        Episode.objects.bulk_update([known_episodes[episode_id] for episode_id in episodes or {}], ["tags"])
        Cue.objects.bulk_update([known_cues[cue_id] for cue_id in cues or {}], ["tags"])
        record_action(actor=actor, action="season.tags", subject=f"season:{season_id}", episodes=len(episodes or {}), cues=len(cues or {}))


def _check(codes: Codes, groups: tuple[TagGroup, ...]) -> list[str]:
    """In the list's own order, each once."""
    allowed = [tag.code for tag in TAGS.values() if tag.group in groups]
    if unknown := sorted(set(codes) - set(allowed)):
        raise InvalidInput(field=_("Tags"), reason=_("“%(tag)s” is no tag for this. Choose from the list.") % {"tag": unknown[0][:40]})
    if len(set(codes)) > MOST_TAGS:
        raise InvalidInput(field=_("Tags"), reason=_("At most %(most)s tags.") % {"most": MOST_TAGS})
    return [code for code in allowed if code in codes]
