"""From a suggestion to a draft experiment, by one click."""

from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from dramas.seasons.queries import EpisodeView, get_episode
from dramas.seasons.timecode import format_length
from rooms.insights.experiments.actions import GoalDraft, VariantDraft, create_experiment
from rooms.insights.experiments.errors import KeyTaken
from rooms.insights.experiments.kinds import Kind
from rooms.insights.experiments.models import Experiment
from rooms.insights.moments.errors import MomentGone, NothingToMove, RoomlessSeason
from rooms.insights.moments.proposals import Proposal
from rooms.insights.moments.queries import find_proposals
from rooms.insights.moments.signals import Signal
from rooms.insights.moments.texts import say_question
from rooms.program.queries import list_rooms_of_season

MOST_TITLE = 160


def try_moment(
    *, episode_id: UUID, signal: Signal, begin_s: int, actor: str, seen_in: UUID | None = None, try_in: UUID | None = None
) -> tuple[UUID, bool]:
    """Draft an experiment that shows the suggestion's card at the other time to half of a room's viewers.

    `seen_in`: the room whose viewers made it stand out, None for all of them. `try_in`: the room whose viewers are split, or else the one
    that was made last of those that show the season. The same suggestion gives the same draft, however often it is asked for.
    Returns the experiment and whether it is new.
    Raises: EpisodeNotFound, MomentGone, NothingToMove, RoomlessSeason, InvalidInput.
    """
    episode = get_episode(episode_id)
    proposal = next((one for one in find_proposals(episode, seen_in) if (one.signal, one.begin_s) == (signal, begin_s)), None)
    if proposal is None:
        raise MomentGone(at=format_length(begin_s * 1000))
    if proposal.cue_id is None or proposal.to_ms is None:
        raise NothingToMove
    chosen = try_in or next((room.id for room in list_rooms_of_season(episode.season_id)), None)
    if chosen is None:
        raise RoomlessSeason
    key = _key(proposal, chosen)
    try:
        return _draft(key, proposal, episode, chosen, actor), True
    except (KeyTaken, IntegrityError):  # the latter: two clicks at once
        return Experiment.objects.values_list("pk", flat=True).get(key=key), False


def _draft(key: str, proposal: Proposal, episode: EpisodeView, room_id: UUID, actor: str) -> UUID:
    assert proposal.to_ms is not None
    at = format_length(proposal.to_ms)
    return create_experiment(
        key=key,
        title=say_question(proposal, episode=episode.title)[:MOST_TITLE],
        kind=Kind.CUE_TIME,
        room_ids=[room_id],
        variants=[
            VariantDraft(title=_("As it is")),
            VariantDraft(title=_("Card at %(at)s") % {"at": at}, cue_times={str(proposal.cue_id): proposal.to_ms}),
        ],
        goals=[GoalDraft("buyers")],
        actor=actor,
    )


def _key(proposal: Proposal, room_id: UUID) -> str:
    """Same card, same time, same room: the same question. Ids of version 7 begin alike, so their ends are taken."""
    return f"moment-{str(proposal.cue_id)[-12:]}-{proposal.to_ms}-{str(room_id)[-12:]}"
