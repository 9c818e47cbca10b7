"""A variant's cue list: the season's own, with its cards at other times. Pure."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from dramas.seasons.cue_kinds import CARD
from dramas.seasons.queries import CueView


def list_moved(cues: Sequence[CueView], duration_ms: int, *, shift_ms: int, cue_times: Mapping[str, int]) -> dict[UUID, int]:
    """New times in ms of the cards that move, by cue; each stays whole inside the episode.

    What a cue of another kind does on the server happens for everybody at once, so its time cannot vary by viewer.
    """
    moved = {}
    for cue in cues:
        if cue.kind != CARD.name:
            continue
        wanted = cue_times.get(str(cue.id), cue.at_ms + shift_ms)
        at_ms = max(0, min(wanted, duration_ms - cue.duration_ms))
        if at_ms != cue.at_ms:
            moved[cue.id] = at_ms
    return moved
