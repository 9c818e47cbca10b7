"""Heat of an episode, and what it suggests."""

from dataclasses import dataclass
from math import isinf
from uuid import UUID

from dramas.seasons.queries import EpisodeView, get_episode, list_cues
from rooms.insights.moments.density import HeatRow, read_density
from rooms.insights.moments.proposals import Proposal, list_proposals
from rooms.insights.moments.texts import say_doubt, say_proposal
from rooms.program.queries import list_rooms_of_season

# A ratio without a measure of the rest (nothing happened there) is shown as this at most.
MOST_TIMES = 1_000.0


@dataclass(frozen=True)
class MomentRow:
    """A second span of an episode that stands out, and what one might do: with its size and how sure it is.

    `times`: the viewers who did it there, per second of watching, against the rest of the episode; `times_low` to `times_high` hold for
    everything that was looked at together (99 %). `deed`: add_card, move_card, tighten. With `cue_id` it can be tried out: that card
    would come at `to_ms`. `what` and `doubt` are sentences.
    """

    signal: str
    begin_s: int
    end_s: int
    viewers: int
    times: float
    times_low: float
    times_high: float
    deed: str
    cue_id: str
    to_ms: int | None
    what: str
    doubt: str


@dataclass(frozen=True)
class Outlook:
    """An episode's heat and moments, and the rooms in which one can be tried out: (id, title)."""

    episode: EpisodeView
    heat: list[HeatRow]
    moments: list[MomentRow]
    rooms: list[tuple[UUID, str]]


def list_heat(episode_id: UUID, room_id: UUID | None = None) -> list[HeatRow]:
    """All seconds of the episode, in one room or in all. Three queries. Raises: EpisodeNotFound."""
    return read_density(get_episode(episode_id), room_id).seconds


def list_moments(episode_id: UUID, room_id: UUID | None = None) -> list[MomentRow]:
    """The surest first; nothing where nothing stands out. Four queries. Raises: EpisodeNotFound."""
    return [_row(proposal) for proposal in find_proposals(get_episode(episode_id), room_id)]


def get_outlook(episode_id: UUID) -> Outlook:
    """Over all rooms. Five queries. Raises: EpisodeNotFound."""
    episode = get_episode(episode_id)
    density = read_density(episode)
    proposals = list_proposals(density, list_cues(episode.id), episode.duration_ms)
    rooms = [(room.id, room.title) for room in list_rooms_of_season(episode.season_id)]
    return Outlook(episode, density.seconds, [_row(proposal) for proposal in proposals], rooms)


def find_proposals(episode: EpisodeView, room_id: UUID | None = None) -> list[Proposal]:
    """Three queries."""
    return list_proposals(read_density(episode, room_id), list_cues(episode.id), episode.duration_ms)


def _row(proposal: Proposal) -> MomentRow:
    ratio = proposal.bump.ratio
    return MomentRow(
        signal=proposal.signal,
        begin_s=proposal.begin_s,
        end_s=proposal.end_s,
        viewers=proposal.bump.hits,
        times=_finite(ratio.value),
        times_low=_finite(ratio.interval.low),
        times_high=_finite(ratio.interval.high),
        deed=proposal.deed,
        cue_id=str(proposal.cue_id or ""),
        to_ms=proposal.to_ms,
        what=say_proposal(proposal),
        doubt=say_doubt(proposal),
    )


def _finite(times: float) -> float:
    return MOST_TIMES if isinf(times) else min(MOST_TIMES, times)
