"""The stage's state machine. Pure."""

from django.db import models

# Primary and backup take two of the eight publishers that a room's media have (`realtime.rtc.stage.MOST_SOURCES`).
MOST_GUESTS = 4
MOST_WAITING = 50


class Standing(models.TextChoices):
    """Backstage the guest sends already, and only staff see and hear it."""

    ASKED = "asked"
    BACKSTAGE = "backstage"
    ON_STAGE = "on_stage"
    OVER = "over"


class Ending(models.TextChoices):
    """Why somebody no longer waits or stands on stage."""

    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    REMOVED = "removed"
    GONE = "gone"
    LIVE_OVER = "live_over"
    EXPIRED = "expired"


# Whoever may send: a guest's line is theirs from the invitation to the end.
SENDING = frozenset({Standing.BACKSTAGE, Standing.ON_STAGE})
OPEN = SENDING | {Standing.ASKED}


def ending_by_staff(standing: Standing) -> Ending:
    """What a removal by the host's hand is called."""
    return Ending.DECLINED if standing == Standing.ASKED else Ending.REMOVED


def find_free_place(taken: set[int | None]) -> int | None:
    """Tiles keep their places while others come and go."""
    return next((place for place in range(1, MOST_GUESTS + 1) if place not in taken), None)
