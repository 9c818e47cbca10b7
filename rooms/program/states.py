"""The one state machine of a room. A move names what is asked; the source that goes on air decides where it leads."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from rooms.program.errors import IllegalMove


class State(models.TextChoices):
    """`waiting` covers both a slate that the host put up and the scene that bridges to an episode that is not ready yet."""

    SCHEDULED = "scheduled", _("scheduled")
    WAITING = "waiting", _("waiting")
    DRAMA = "drama", _("playing the drama")
    LIVE = "live", _("live")
    FAULT = "fault", _("in fault")
    ENDED = "ended", _("ended")
    REPLAY = "replay", _("a replay")


class SourceKind(models.TextChoices):
    """What an entry of the program shows."""

    EPISODE = "episode", _("episode")
    LIVE = "live", _("live line")
    SLATE = "slate", _("slate")
    WAITING = "waiting", _("waiting scene")


class Move(models.TextChoices):
    """What may be asked of a room. `play` covers next, previous, back and the director's own advance."""

    START = "start", _("Start")
    PLAY = "play", _("Play an episode")
    SLATE = "slate", _("Slate")
    GO_LIVE = "go_live", _("Go live")
    FAIL = "fail", _("Report a fault")
    END = "end", _("End")
    CLOSE = "close", _("Close")
    REOPEN = "reopen", _("Schedule again")


ON_AIR = frozenset({State.WAITING, State.DRAMA, State.LIVE, State.FAULT})

_FROM: dict[Move, frozenset[State]] = {
    Move.START: frozenset({State.SCHEDULED}),
    Move.PLAY: ON_AIR,
    Move.SLATE: ON_AIR,
    Move.GO_LIVE: ON_AIR - {State.LIVE},
    Move.FAIL: ON_AIR - {State.FAULT},
    Move.END: ON_AIR,
    Move.CLOSE: frozenset({State.ENDED}),
    Move.REOPEN: frozenset({State.REPLAY}),
}
_SHOWS = {SourceKind.EPISODE: State.DRAMA, SourceKind.LIVE: State.LIVE, SourceKind.SLATE: State.WAITING, SourceKind.WAITING: State.WAITING}
_SOURCES: dict[Move, frozenset[SourceKind]] = {
    Move.START: frozenset({SourceKind.EPISODE, SourceKind.WAITING, SourceKind.LIVE}),
    Move.PLAY: frozenset({SourceKind.EPISODE, SourceKind.WAITING}),
    Move.SLATE: frozenset({SourceKind.SLATE}),
    Move.GO_LIVE: frozenset({SourceKind.LIVE}),
}
_FIXED = {Move.FAIL: State.FAULT, Move.END: State.ENDED, Move.CLOSE: State.REPLAY, Move.REOPEN: State.SCHEDULED}


def is_legal(state: State, move: Move) -> bool:
    return state in _FROM[move]


def arrive(state: State, move: Move, source: SourceKind | None = None) -> State:
    """The state after `move`, which puts `source` on air (None for moves that show nothing new).

    Raises: IllegalMove.
    """
    if not is_legal(state, move):
        raise IllegalMove(move=Move(move).label, state=State(state).label)
    if move in _FIXED:
        return _FIXED[move]
    if source is None or source not in _SOURCES[move]:
        raise ValueError(f"{move} cannot show {source}")
    return _SHOWS[source]
