"""What the frames of the lab's log say. Times in true ms, positions in ms of the episode."""

from collections.abc import Sequence
from statistics import median

from tests.dramas.stamps import RATE

FRAME_MS = 1000 / RATE
LONGEST_GAP_MS = 150

Frames = Sequence[Sequence[float]]


def position_at(frames: Frames, at_ms: float) -> float | None:
    """The episode's position on the screen at a true time, between two shown frames; None within a gap."""
    for before, after in zip(frames, frames[1:], strict=False):
        if before[0] <= at_ms <= after[0] and before[1] == after[1]:
            if after[0] - before[0] > LONGEST_GAP_MS:
                return None
            share = (at_ms - before[0]) / max(after[0] - before[0], 1e-6)
            return float(before[2] + (after[2] - before[2]) * share) * FRAME_MS
    return None


def differences(one: Frames, other: Frames, start_ms: float, end_ms: float, step_ms: float = 50) -> list[tuple[float, float]]:
    """(time, difference of the two screens' positions in ms) wherever both can be read."""
    found = []
    at_ms = start_ms
    while at_ms < end_ms:
        here, there = position_at(one, at_ms), position_at(other, at_ms)
        if here is not None and there is not None:
            found.append((at_ms, abs(here - there)))
        at_ms += step_ms
    return found


def settled_after(found: list[tuple[float, float]], start_ms: float, *, within_ms: float, for_ms: float = 1_000) -> float | None:
    """How long after `start_ms` the difference came below `within_ms` and stayed there for a while."""
    for place, (at_ms, _difference) in enumerate(found):
        window = [difference for time, difference in found[place:] if time <= at_ms + for_ms]
        if at_ms >= start_ms and len(window) > 5 and max(window) <= within_ms:
            return at_ms - start_ms
    return None


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def middle(values: Sequence[float]) -> float:
    return median(values)
