"""An experiment's life: draft, running, stopped. What ran is never changed, and never runs again."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from rooms.insights.experiments.errors import MoveRefused


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    RUNNING = "running", _("Running")
    STOPPED = "stopped", _("Stopped")


class Move(models.TextChoices):
    START = "start", _("Start")
    STOP = "stop", _("Stop")


_LEGAL: dict[tuple[State, Move], State] = {
    (State.DRAFT, Move.START): State.RUNNING,
    (State.RUNNING, Move.STOP): State.STOPPED,
}


def arrive(state: State, move: Move) -> State:
    """The state after the move. Raises: MoveRefused."""
    after = _LEGAL.get((state, move))
    if after is None:
        raise MoveRefused(move=move.label, state=state.label)
    return after
