"""What an audience did and met: counts, answer times, refusals. Bounded, however long it runs."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

# Of each kind of answer so many times are kept, a fair choice of all (reservoir sampling): their 95th percentile is good to 0.2 % of rank.
MOST_TIMES = 10_000


class Refused(Exception):
    """The shop said no, or did not answer. `code` is its own, or names what went wrong: `timeout`, `unreachable`, `http_502`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Times:
    kept: list[float] = field(default_factory=list)
    count: int = 0
    most: float = 0.0

    def note(self, ms: float, rng: random.Random) -> None:
        self.count += 1
        self.most = max(self.most, ms)
        if len(self.kept) < MOST_TIMES:
            self.kept.append(ms)
        elif (place := rng.randrange(self.count)) < MOST_TIMES:
            self.kept[place] = ms

    def as_json(self) -> dict[str, float | int]:
        """Shape: {"count", "p50", "p95", "p99", "most"}, in milliseconds."""
        ordered = sorted(self.kept)
        quantiles = {f"p{percent}": _quantile(ordered, percent / 100) for percent in (50, 95, 99)}
        return {"count": self.count, **quantiles, "most": round(self.most, 1)}


class Figures:
    """Of one run."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.heard: Counter[str] = Counter()
        self._times: dict[str, Times] = defaultdict(Times)
        self._rng = random.Random(0)

    @contextmanager
    def present(self) -> Iterator[None]:
        """A viewer is there: `arrived`, `left`, and the most that were there at a time."""
        self.done["arrived"] += 1
        self.done["most_at_once"] = max(self.done["most_at_once"], self.done["arrived"] - self.done["left"])
        try:
            yield
        finally:
            self.done["left"] += 1

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how long the answer took, if there was one; a refusal is noted as `<name> <code>` and goes on."""
        begin = perf_counter()
        try:
            yield
        except Refused as refusal:
            self.refused[f"{name} {refusal.code}"] += 1
            raise
        self.note_time(name, (perf_counter() - begin) * 1000)

    def note_time(self, name: str, ms: float) -> None:
        self._times[name].note(ms, self._rng)

    def as_json(self) -> dict[str, Any]:
        """Shape: {"done": {act: count}, "heard": {kind: count}, "answer_ms": {name: times}, "refused": {name: count}}; times as of `Times`."""
        return {
            "done": dict(sorted(self.done.items())),
            "heard": dict(sorted(self.heard.items())),
            "answer_ms": {name: times.as_json() for name, times in sorted(self._times.items())},
            "refused": dict(sorted(self.refused.items())),
        }


def _quantile(ordered: list[float], share: float) -> float:
    """The smallest value that is not below `share` of them."""
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else 0.0
