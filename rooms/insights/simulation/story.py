"""The story that an audience watches: its episodes on one line of seconds, with the moments at which a product is shown."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate


@dataclass(frozen=True)
class CuePoint:
    """A product card `at_ms` into its episode. `id` and `product_id` as the page gives them."""

    id: str
    product_id: str
    at_ms: int


@dataclass(frozen=True)
class Part:
    """An episode. Its last, unfinished second belongs to it."""

    episode_id: str
    number: int
    duration_ms: int
    cues: tuple[CuePoint, ...] = ()

    @property
    def length_s(self) -> int:
        return max(1, -(-self.duration_ms // 1000))


@dataclass(frozen=True)
class Place:
    """A second of an episode, `number` counted from 1."""

    number: int
    second: int


@dataclass(frozen=True)
class Story:
    """Episodes in order. A second of the story counts through all of them."""

    parts: tuple[Part, ...]

    @cached_property
    def length_s(self) -> int:
        return sum(part.length_s for part in self.parts)

    @cached_property
    def starts_s(self) -> tuple[int, ...]:
        """The second of the story at which each episode begins."""
        return tuple([0, *accumulate(part.length_s for part in self.parts)][:-1])

    def locate(self, second: float) -> tuple[Part, int]:
        """The episode and the milliseconds in it. The story's very end is the last moment of its last episode."""
        if second >= self.length_s:
            return self.parts[-1], self.parts[-1].duration_ms
        number = max(0, bisect_right(self.starts_s, second) - 1)
        part = self.parts[number]
        return part, min(part.duration_ms, max(0, round((second - self.starts_s[number]) * 1000)))

    def second_of(self, place: Place) -> int | None:
        """Where a place is on the story's line; None outside of it."""
        for part, begin in zip(self.parts, self.starts_s, strict=True):
            if part.number == place.number and place.second < part.length_s:
                return begin + place.second
        return None

    def place_of(self, second: float) -> Place:
        part, position_ms = self.locate(second)
        return Place(part.number, position_ms // 1000)

    @cached_property
    def cues(self) -> tuple[tuple[float, CuePoint], ...]:
        """Each cue with its second of the story, in order."""
        found = [(begin + cue.at_ms / 1000, cue) for part, begin in zip(self.parts, self.starts_s, strict=True) for cue in part.cues]
        return tuple(sorted(found, key=lambda pair: pair[0]))
