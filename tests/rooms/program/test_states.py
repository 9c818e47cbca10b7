"""The state machine, walked at random."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rooms.program.errors import IllegalMove
from rooms.program.states import ON_AIR, Move, SourceKind, State, arrive, is_legal

LEGAL = {
    ("scheduled", "start"): {"drama", "waiting", "live"},
    **{(state, "play"): {"drama", "waiting"} for state in ("waiting", "drama", "live", "fault")},
    **{(state, "slate"): {"waiting"} for state in ("waiting", "drama", "live", "fault")},
    **{(state, "go_live"): {"live"} for state in ("waiting", "drama", "fault")},
    **{(state, "fail"): {"fault"} for state in ("waiting", "drama", "live")},
    **{(state, "end"): {"ended"} for state in ("waiting", "drama", "live", "fault")},
    ("ended", "close"): {"replay"},
    ("replay", "reopen"): {"scheduled"},
}
SOURCES = {
    "start": [SourceKind.EPISODE, SourceKind.WAITING, SourceKind.LIVE],
    "play": [SourceKind.EPISODE, SourceKind.WAITING],
    "slate": [SourceKind.SLATE],
    "go_live": [SourceKind.LIVE],
}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("move", list(Move))
def test_every_pair_of_state_and_move_is_decided(state: State, move: Move) -> None:
    """Legal moves lead where the table says, all others are refused in words."""
    targets = LEGAL.get((state.value, move.value))
    assert is_legal(state, move) == (targets is not None)
    if targets is None:
        with pytest.raises(IllegalMove) as refused:
            arrive(state, move, SourceKind.EPISODE)
        assert str(state.label) in refused.value.message
        return
    assert {arrive(state, move, source) for source in SOURCES.get(move.value, [None])} == targets


def test_a_move_cannot_show_what_is_not_its_own() -> None:
    """A slate is no episode: such a call is a defect, not a refusal."""
    with pytest.raises(ValueError, match="cannot show"):
        arrive(State.DRAMA, Move.SLATE, SourceKind.EPISODE)


class Walk(RuleBasedStateMachine):
    """Any sequence of moves: refused ones change nothing, and a room gets off air only through its end."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State.SCHEDULED
        self.former = State.SCHEDULED

    @rule(move=st.sampled_from(list(Move)), pick=st.integers(0, 2))
    def attempt(self, move: Move, pick: int) -> None:
        sources = SOURCES.get(move.value, [None])
        self.former = self.state
        try:
            self.state = arrive(self.state, move, sources[pick % len(sources)])
        except IllegalMove:
            assert (self.state.value, move.value) not in LEGAL

    @invariant()
    def leaves_air_only_through_the_end(self) -> None:
        if self.former in ON_AIR and self.state not in ON_AIR:
            assert self.state == State.ENDED

    @invariant()
    def replay_follows_the_end(self) -> None:
        if self.state == State.REPLAY:
            assert self.former in {State.ENDED, State.REPLAY}


TestWalk = Walk.TestCase
