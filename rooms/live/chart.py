"""A small line as an SVG path, drawn by the server: no script, no inline style. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 720, 96


class Chart(NamedTuple):
    """`line` and `area` are paths in a box of `width` by `height`; empty for fewer than two values."""

    line: str
    area: str
    width: int
    height: int


def draw(values: Sequence[float], *, most: float) -> Chart:
    """`most` is the top of the box; greater values touch it."""
    if len(values) < 2:
        return Chart("", "", WIDTH, HEIGHT)
    step = WIDTH / (len(values) - 1)
    points = [f"{place * step:.1f} {HEIGHT - min(value, most) / most * HEIGHT:.1f}" for place, value in enumerate(values)]
    line = "M" + "L".join(points)
    return Chart(line, f"{line}L{WIDTH} {HEIGHT}L0 {HEIGHT}Z", WIDTH, HEIGHT)
