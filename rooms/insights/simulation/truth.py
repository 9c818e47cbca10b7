"""What is planted in a made-up audience, so that what is measured can be held against it."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rooms.insights.simulation.story import Place, Story

# Of those who watch a second, this share leaves in it: half are gone after 192 s.
HAZARD = 0.0036
# Where a story loses people: early in the first episode, in the middle of the second, at the begin of the fourth (or of the last).
NODE_HAZARDS = (0.06, 0.05, 0.20)
EARLY_S = 8


@dataclass(frozen=True)
class Truth:
    """The rates behind everything that viewers do.

    `hazard`: share of those watching that leaves in any second; `nodes`: at these places it is this one instead.
    `beats`: places of the plot at which this share of those watching writes a line within four seconds.
    `taps`: by cue, the share of those shown its card that taps it; `dismissals` of the others put it away.
    `buys`: of those who tap, the share that pays; `declines` of them meet a refused card first.
    `lines_a_minute` and `likes_a_minute`: of one viewer, anywhere in the story.
    """

    nodes: Mapping[Place, float]
    beats: Mapping[Place, float]
    taps: Mapping[str, float]
    hazard: float = HAZARD
    dismissals: float = 0.1
    buys: float = 0.3
    declines: float = 0.05
    lines_a_minute: float = 0.15
    likes_a_minute: float = 0.8

    def as_json(self) -> dict[str, Any]:
        """Shape: the fields, with places as `[{"episode", "second", "share"}]`."""
        return {
            "hazard": self.hazard,
            "nodes": _places(self.nodes),
            "beats": _places(self.beats),
            "taps": dict(self.taps),
            **{name: getattr(self, name) for name in ("dismissals", "buys", "declines", "lines_a_minute", "likes_a_minute")},
        }


def plant(story: Story, *, seed: int, buys: float | None = None) -> Truth:
    """The truth of a seed: three seconds at which many leave, a beat in each episode, and for each cue how many tap it.

    A later card is tapped by more: who is still there cares. From 12 % at the story's begin to 37 % at its end, each a fifth
    up or down by chance.
    """
    rng = random.Random(f"truth {seed}")
    taps = {cue.id: round((0.12 + 0.25 * second / max(1, story.length_s)) * rng.uniform(0.8, 1.2), 4) for second, cue in story.cues}
    beats = {Place(part.number, part.length_s * 2 // 3): round(rng.uniform(0.15, 0.35), 4) for part in story.parts}
    truth = Truth(nodes=_nodes(story), beats=beats, taps=taps)
    return truth if buys is None else replace(truth, buys=buys)


def _nodes(story: Story) -> dict[Place, float]:
    """Fewer in a story that has fewer episodes; never its first second, nor its last."""
    parts = story.parts
    wanted = [Place(parts[0].number, min(EARLY_S, parts[0].length_s // 2))]
    if len(parts) > 1:
        wanted.append(Place(parts[1].number, parts[1].length_s * 2 // 5))
    if len(parts) > 2:
        wanted.append(Place(parts[min(3, len(parts) - 1)].number, 0))
    last = story.length_s - 1
    return {place: share for place, share in zip(wanted, NODE_HAZARDS, strict=False) if 0 < (story.second_of(place) or 0) < last}


def _places(shares: Mapping[Place, float]) -> list[dict[str, Any]]:
    return [{"episode": place.number, "second": place.second, "share": share} for place, share in shares.items()]
