"""One line a goal: `NAME/row: ours X unit, PEER Y unit, ratio R (goal >= G)`. A benchmark that is slow still succeeds."""

import statistics
from collections.abc import Sequence


def print_row(row: str, *, ours: float, unit: str, peer: str, peers: float, goal: str, is_ratio_inverted: bool = False) -> None:
    """`ratio` is ours / peer's; with `is_ratio_inverted` it is the peer's over ours (a speed from two times)."""
    ratio = (peers / ours if is_ratio_inverted else ours / peers) if ours and peers else float("nan")
    print(f"{row}: ours {ours:,.4g} {unit}, {peer} {peers:,.4g} {unit}, ratio {ratio:.3g} (goal {goal})", flush=True)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)
