"""Who gets which variant: GrowthBook's hashing, by GrowthBook's own SDK, so that any of their SDKs gives the same answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

HASH_VERSION = 2


@dataclass(frozen=True)
class Split:
    """How people are dealt: `weights` in parts, `coverage` and the share of the `group` in permille."""

    key: str
    weights: tuple[int, ...]
    coverage: int = 1000
    group: str = ""
    group_from: int = 0
    group_to: int = 1000

    def overlaps(self, other: "Split") -> bool:
        """Whether somebody may be in both."""
        if not self.group or self.group != other.group:
            return True
        return self.group_from < other.group_to and other.group_from < self.group_to


def assign(split: Split, viewer_id: str) -> int | None:
    """The number of the viewer's variant; None when they are not part of it. The same at every call. Pure."""
    from growthbook import Experiment as Allocation  # it brings aiohttp with it, which most processes never need
    from growthbook import GrowthBook

    total = sum(split.weights)
    allocation: Allocation[int] = Allocation(
        key=split.key,
        variations=list(range(len(split.weights))),
        weights=[weight / total for weight in split.weights],
        coverage=split.coverage / 1000,
        namespace=(split.group, split.group_from / 1000, split.group_to / 1000) if split.group else None,
        hashVersion=HASH_VERSION,
    )
    result = GrowthBook(attributes={"id": viewer_id}).run(allocation)
    return int(result.variationId) if result.inExperiment else None


def deal(key: str, weights: Sequence[int], room_ids: Sequence[UUID]) -> dict[UUID, int]:
    """A variant's number for each room: in an order that the key's hash shuffles, then one after the other by weight. Few rooms must not lean."""
    from growthbook.core import gbhash

    order = sorted(room_ids, key=lambda room_id: (gbhash(key, str(room_id), HASH_VERSION), str(room_id)))
    round_of = [number for number, weight in enumerate(weights) for _ in range(weight)]
    return {room_id: round_of[place % len(round_of)] for place, room_id in enumerate(order)}
