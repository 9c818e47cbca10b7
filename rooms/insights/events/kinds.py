"""The kinds of viewer events, as they are stored, and what they mean to the rollups."""

from enum import IntEnum


class Kind(IntEnum):
    """Numbers are stored: never give one another meaning. 1 to 7 are the steps of the funnel, in order."""

    ENTER = 1
    PLAY = 2
    CUE_SHOWN = 3
    CUE_CLICKED = 4
    BAG = 5
    CHECKOUT = 6
    PAID = 7
    HEARTBEAT = 10
    PAUSE = 11
    SEEK = 12
    QUALITY = 13
    STALL = 14
    DANMAKU = 15
    LIKE = 16
    GIFT = 17
    CUE_DISMISSED = 18
    EXIT = 19


STEPS = (Kind.ENTER, Kind.PLAY, Kind.CUE_SHOWN, Kind.CUE_CLICKED, Kind.BAG, Kind.CHECKOUT, Kind.PAID)
FIRST_STEP_OF_CUE = Kind.CUE_SHOWN

# Only these say how far somebody watched: a cue that fired, or a jump ahead, has moved nobody to that second.
PLAYBACK = frozenset({Kind.PLAY, Kind.HEARTBEAT, Kind.PAUSE, Kind.STALL, Kind.EXIT})

# Written by the order ledger alone; a browser that sends one is refused.
OF_LEDGER = (Kind.CHECKOUT, Kind.PAID)

# A place in the story: the episode's number, then the second in it. A second beyond a day does not exist.
PLACE_BASE = 100_000


def place_of(number: int, position_ms: int) -> int:
    """`place_of(3, 12_400)` is 300012: the second 12 of the third episode."""
    return number * PLACE_BASE + position_ms // 1000
