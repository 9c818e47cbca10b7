"""What of the running experiments a viewer of a room meets: read for every page of a room, so with few queries and no writing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q

from dramas.seasons.queries import SealView, get_seal, get_season, list_cues_of
from rooms.insights.experiments.assignment import assign
from rooms.insights.experiments.cues import list_moved
from rooms.insights.experiments.kinds import KINDS, Kind
from rooms.insights.experiments.models import ComparedRoom, Experiment, ExperimentVariant, Exposure
from rooms.insights.experiments.queries import split_of
from rooms.insights.experiments.states import State


@dataclass(frozen=True)
class Variation:
    """One experiment as this viewer meets it.

    `word` names experiment and variant in the visit's events. `cue_times`: cues that have another time than in the season, in ms.
    `episode_ids`: where any variant differs; whoever watches one of them has met the experiment, in the control too. Where rooms are
    compared it is empty: whoever watches the room has. `payload` is what this viewer's variant shows, `arms` what each of them would:
    a page has met the experiment where these look different.
    """

    experiment_id: UUID
    variant_id: UUID
    kind: str
    word: str
    episode_ids: tuple[UUID, ...] = ()
    cue_times: dict[UUID, int] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    arms: tuple[Mapping[str, Any], ...] = ()


def list_variations(room_id: UUID, season_id: UUID | None, viewer_id: str) -> list[Variation]:
    """One query while nothing runs in the room; at most eight else.

    What is sealed is left out while the season is not the one that was approved at the start: what nobody approved does not air.
    """
    running = list(Experiment.objects.filter(state=State.RUNNING).filter(_meets(room_id)).prefetch_related("variants").order_by("started_at"))
    if not running:
        return []
    seen = dict(Exposure.objects.filter(experiment__in=running, viewer_id=viewer_id).values_list("experiment_id", "variant_id"))
    by_room = [experiment for experiment in running if not experiment.is_by_viewer]
    dealt = dict(ComparedRoom.objects.filter(experiment__in=by_room, room_id=room_id).values_list("experiment_id", "variant_id")) if by_room else {}
    seal = get_seal(season_id) if season_id and any(KINDS[experiment.kind].is_sealed for experiment in running) else None
    found = []
    for experiment in running:
        variant_id = dealt.get(experiment.pk) if not experiment.is_by_viewer else seen.get(experiment.pk) or deal_viewer(experiment, viewer_id)
        variant = next((one for one in experiment.variants.all() if one.pk == variant_id), None)
        if variant is not None and _may_show(experiment, seal):
            found.append(_vary(experiment, variant, season_id))
    return found


def deal_viewer(experiment: Experiment, viewer_id: str) -> UUID | None:
    """The variant of a viewer who has not met it yet; None when they are no part of it. Needs: `variants` at hand."""
    number = assign(split_of(experiment), viewer_id)
    return None if number is None else experiment.variants.all()[number].pk


def list_varied_episodes(season_id: UUID, variants: Sequence[ExperimentVariant]) -> dict[UUID, dict[UUID, dict[UUID, int]]]:
    """Moved cues by episode and variant, of the episodes in which any variant differs from the season. Three queries."""
    season = get_season(season_id)
    cues = list_cues_of([episode.id for episode in season.episodes])
    found = {}
    for episode in season.episodes:
        moved = {
            variant.pk: list_moved(cues[episode.id], episode.duration_ms, shift_ms=variant.shift_ms, cue_times=variant.cue_times)
            for variant in variants
        }
        if any(moved.values()):
            found[episode.id] = moved
    return found


def _may_show(experiment: Experiment, seal: SealView | None) -> bool:
    if not KINDS[experiment.kind].is_sealed:
        return True
    return seal is not None and seal.is_standing and seal.digest == experiment.season_digest


def _vary(experiment: Experiment, variant: ExperimentVariant, season_id: UUID | None) -> Variation:
    """Needs: `variants` at hand; it may be shown."""
    variants = list(experiment.variants.all())
    episodes = list_varied_episodes(season_id, variants) if experiment.kind == Kind.CUE_TIME and season_id else {}
    return Variation(
        experiment_id=experiment.pk,
        variant_id=variant.pk,
        kind=experiment.kind,
        word=f"{experiment.key}.{variant.number}",
        episode_ids=tuple(episodes),
        cue_times={cue_id: at_ms for moved in episodes.values() for cue_id, at_ms in moved[variant.pk].items()},
        payload=variant.payload,
        arms=tuple(one.payload for one in variants),
    )


def _meets(room_id: UUID) -> Q:
    return Q(room_id=room_id) | Q(pk__in=ComparedRoom.objects.filter(room_id=room_id).values("experiment_id"))
