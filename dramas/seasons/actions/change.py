"""What every edit shares: locking, and the approval that falls when the content is no longer the sealed one."""

from uuid import UUID

from dramas.seasons.digest import digest_of
from dramas.seasons.errors import EpisodeNotFound, SeasonNotFound
from dramas.seasons.facts import SeasonChanged
from dramas.seasons.models import Approval, Episode, Season
from merchants.foundation import clock
from merchants.foundation.audit import record_action
from merchants.foundation.facts import emit


def lock_season(season_id: UUID) -> Season:
    """The season's row, held until the transaction ends. Every edit below a season takes this lock first.

    Needs: an open transaction. Raises: SeasonNotFound.
    """
    season = Season.objects.select_for_update(of=("self",), no_key=True).filter(pk=season_id).first()
    if season is None:
        raise SeasonNotFound
    return season


def lock_episode(episode_id: UUID) -> Episode:
    """An episode under its season's lock.

    Needs: an open transaction. Raises: EpisodeNotFound.
    """
    season_id = Episode.objects.filter(pk=episode_id).values_list("season_id", flat=True).first()
    if season_id is None:
        raise EpisodeNotFound
    lock_season(season_id)
    episode = Episode.objects.select_for_update(of=("self",), no_key=True).filter(pk=episode_id).first()
    if episode is None:  # removed while we waited for the lock
        raise EpisodeNotFound
    return episode


def note_change(*, season_id: UUID, actor: str) -> None:
    """Compare the season with its seal after an edit; take the approval back when they differ.

    Needs: an open transaction that holds the season's row, after the edit.
    After commit: emits SeasonChanged.
    """
    season = Season.objects.get(pk=season_id)
    standing = Approval.objects.filter(season_id=season_id, withdrawn_at=None).first()
    if standing is not None and standing.digest != digest_of(season_id):
        withdraw(season=season, standing=standing, actor=actor)
    season.save(update_fields=["updated_at"])
    emit(SeasonChanged(season_id=season_id, is_airable=season.is_approved))


def withdraw(*, season: Season, standing: Approval, actor: str) -> None:
    """End a seal and put the season back to draft.

    Needs: an open transaction that holds the season's row.
    """
    standing.withdrawn_at, standing.withdrawn_by = clock.now(), actor
    standing.save(update_fields=["withdrawn_at", "withdrawn_by"])
    season.state = Season.State.DRAFT
    season.save(update_fields=["state", "updated_at"])
    record_action(actor=actor, action="season.approval_withdrawn", subject=f"season:{season.pk}", digest=standing.digest)
