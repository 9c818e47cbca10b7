"""Cues of an episode."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from dramas.seasons.actions.change import lock_episode, note_change
from dramas.seasons.cue_kinds import get_cue_kind
from dramas.seasons.errors import CueInvalid, CueNotFound
from dramas.seasons.models import Cue, Episode
from dramas.seasons.products import is_known_product
from dramas.seasons.timecode import format_timecode
from merchants.foundation.audit import record_action

MOST_CUES = 60
MIN_DURATION_MS, MAX_DURATION_MS = 1_000, 120_000


@dataclass(frozen=True)
class CueDraft:
    """A cue as somebody wants it. `payload` is read by its kind."""

    at_ms: int
    kind: str = "card"
    duration_ms: int = 15_000
    product_id: UUID | None = None
    payload: dict[str, Any] = field(default_factory=dict)


def add_cue(*, actor: str, episode_id: UUID, draft: CueDraft) -> UUID:
    """Raises: EpisodeNotFound, CueInvalid. After commit: emits SeasonChanged."""
    with transaction.atomic(durable=True):
        episode = lock_episode(episode_id)
        if Cue.objects.filter(episode_id=episode_id).count() >= MOST_CUES:
            raise CueInvalid(field="kind", reason=_("An episode holds at most %(most)s cues.") % {"most": MOST_CUES})
        cue = Cue(episode=episode)
        _fill(cue, draft, episode)
        cue.save(force_insert=True)
        _note(cue, episode, actor, "cue.add")
    return cue.pk


def edit_cue(*, actor: str, cue_id: UUID, draft: CueDraft) -> None:
    """Raises: CueNotFound, CueInvalid. After commit: emits SeasonChanged."""
    with transaction.atomic(durable=True):
        cue, episode = _lock_cue(cue_id)
        before_ms = cue.at_ms
        _fill(cue, draft, episode)
        cue.save()
        _note(cue, episode, actor, "cue.edit", before=format_timecode(before_ms))


def remove_cue(*, actor: str, cue_id: UUID) -> None:
    """Raises: CueNotFound. After commit: emits SeasonChanged."""
    with transaction.atomic(durable=True):
        cue, episode = _lock_cue(cue_id)
        Cue.objects.filter(pk=cue_id).delete()
        _note(cue, episode, actor, "cue.remove")


def replace_cues(*, actor: str, episode_id: UUID, drafts: Sequence[CueDraft]) -> None:
    """Put `drafts` in the place of all cues of the episode (an import).

    Raises: EpisodeNotFound, CueInvalid; then nothing has changed. After commit: emits SeasonChanged.
    """
    with transaction.atomic(durable=True):
        episode = lock_episode(episode_id)
        if len(drafts) > MOST_CUES:
            raise CueInvalid(field="kind", reason=_("An episode holds at most %(most)s cues.") % {"most": MOST_CUES})
        Cue.objects.filter(episode_id=episode_id).delete()
        for draft in drafts:
            cue = Cue(episode=episode)
            _fill(cue, draft, episode)
            cue.save(force_insert=True)
        record_action(actor=actor, action="cue.replace", subject=f"season:{episode.season_id}", number=episode.number, count=len(drafts))
        note_change(season_id=episode.season_id, actor=actor)


def _lock_cue(cue_id: UUID) -> tuple[Cue, Episode]:
    episode_id = Cue.objects.filter(pk=cue_id).values_list("episode_id", flat=True).first()
    if episode_id is None:
        raise CueNotFound
    episode = lock_episode(episode_id)
    cue = Cue.objects.filter(pk=cue_id).first()
    if cue is None:
        raise CueNotFound
    return cue, episode


def _fill(cue: Cue, draft: CueDraft, episode: Episode) -> None:
    kind = get_cue_kind(draft.kind)
    _check_time(draft, episode)
    if kind.needs_product and draft.product_id is None:
        raise CueInvalid(field="product_id", reason=_("Choose the product of this card."))
    if draft.product_id is not None and not is_known_product(draft.product_id):
        raise CueInvalid(field="product_id", reason=_("This product is not in your shop, or no longer. Choose another one."))
    cue.kind, cue.at_ms, cue.duration_ms, cue.product_id = kind.name, draft.at_ms, draft.duration_ms, draft.product_id
    cue.payload = kind.read(draft.payload)


def _check_time(draft: CueDraft, episode: Episode) -> None:
    """A cue lies inside the episode. While there is no video yet, only its own length is checked; the rules before air do the rest."""
    if not MIN_DURATION_MS <= draft.duration_ms <= MAX_DURATION_MS:
        reason = _("A cue stays for %(least)s to %(most)s seconds.") % {"least": MIN_DURATION_MS // 1000, "most": MAX_DURATION_MS // 1000}
        raise CueInvalid(field="duration_ms", reason=reason)
    if draft.at_ms < 0:
        raise CueInvalid(field="at_ms", reason=_("A cue starts at 00:00.000 or later."))
    if not episode.duration_ms:
        return
    if draft.at_ms >= episode.duration_ms:
        reason = _("The episode ends at %(end)s. Start the cue before that.") % {"end": format_timecode(episode.duration_ms)}
        raise CueInvalid(field="at_ms", reason=reason)
    if draft.at_ms + draft.duration_ms > episode.duration_ms:
        rest = format_timecode(episode.duration_ms - draft.at_ms)
        reason = _("The cue would outlast the episode. Start it earlier, or let it stay for %(rest)s at most.") % {"rest": rest}
        raise CueInvalid(field="duration_ms", reason=reason)


def _note(cue: Cue, episode: Episode, actor: str, action: str, **details: Any) -> None:
    where = {"number": episode.number, "kind": cue.kind, "at": format_timecode(cue.at_ms)}
    record_action(actor=actor, action=action, subject=f"season:{episode.season_id}", **where, **details)
    note_change(season_id=episode.season_id, actor=actor)
