"""Which source is on air. Pure: state in, decision out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar


@dataclass(frozen=True)
class Patience:
    """`silence_s` without a packet and another source takes over; the better one returns after `stable_s` without such a pause."""

    silence_s: float = 0.3
    stable_s: float = 5.0


class Candidate(Protocol):
    @property
    def priority(self) -> int: ...
    @property
    def last_at(self) -> float | None: ...
    @property
    def steady_since(self) -> float | None: ...


SomeSource = TypeVar("SomeSource", bound=Candidate)


def is_alive(source: Candidate, *, now: float, patience: Patience) -> bool:
    return source.last_at is not None and now - source.last_at <= patience.silence_s


def choose(
    sources: Sequence[SomeSource], active: SomeSource | None, *, now: float, patience: Patience, opened_at: float | None
) -> tuple[SomeSource | None, bool]:
    """The source that should be on air, and whether the change is urgent (the present one is silent).

    A silent source stays when nobody else is alive: it may come back. In the first `stable_s` of a room (`opened_at` is
    when its first source went on air) a better source need not prove itself, because which packet came first says nothing.
    """
    alive = sorted((source for source in sources if is_alive(source, now=now, patience=patience)), key=lambda source: source.priority)
    if not alive:
        return active, False
    if active is None or active not in alive:
        return alive[0], active is not None
    is_opening = opened_at is not None and now - opened_at < patience.stable_s
    for better in alive:
        if better.priority >= active.priority:
            break
        if is_opening or (better.steady_since is not None and now - better.steady_since >= patience.stable_s):
            return better, False
    return active, False
