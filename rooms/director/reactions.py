"""What rooms on air do about news of their season. The director would come to it too, two seconds later."""

from uuid import UUID

from dramas.seasons.facts import EpisodeReady, SeasonApproved
from rooms.director.actions import direct
from rooms.program.queries import list_rooms_on_air
from rooms.program.states import State


def go_on_when_ready(fact: EpisodeReady) -> None:
    _nudge(fact.season_id)


def go_on_when_approved(fact: SeasonApproved) -> None:
    _nudge(fact.season_id)


def _nudge(season_id: UUID) -> None:
    for room in list_rooms_on_air(with_rehearsals=True):
        if room.season_id == season_id and room.state == State.WAITING:
            direct(room_id=room.id)
