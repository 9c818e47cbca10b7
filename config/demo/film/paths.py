"""Outlines: what a pen draws along, flattened to points.

A path is written as in SVG (absolute `M L H V C Q Z`), in *stage points*: the frame is 540 wide and 960 high.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

_TOKEN = re.compile(r"[MLHVCQZ]|-?\d*\.?\d+(?:e-?\d+)?")
_CURVE_STEPS = 14


@dataclass(frozen=True, eq=False)
class Path:
    """Polylines of float points, shape (n, 2) each; `closed` says which ones return to their start."""

    lines: tuple[np.ndarray, ...]
    closed: tuple[bool, ...]

    def __add__(self, other: Path) -> Path:
        return Path(self.lines + other.lines, self.closed + other.closed)

    def moved(self, x: float, y: float, scale: float = 1.0, turn_deg: float = 0.0) -> Path:
        """The same outline turned, scaled and then moved."""
        angle = math.radians(turn_deg)
        matrix = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]) * scale
        return Path(tuple(line @ matrix + (x, y) for line in self.lines), self.closed)

    def bounds(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) over all points."""
        points = np.concatenate(self.lines)
        left, top = points.min(axis=0)
        right, bottom = points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)


def _curve(start: np.ndarray, control: list[np.ndarray]) -> np.ndarray:
    """Points of a quadratic or cubic Bezier after its start (Bernstein form)."""
    t = np.linspace(0.0, 1.0, _CURVE_STEPS + 1)[1:, None]
    u = 1.0 - t
    if len(control) == 2:
        return u * u * start + 2 * u * t * control[0] + t * t * control[1]
    return u**3 * start + 3 * u * u * t * control[0] + 3 * u * t * t * control[1] + t**3 * control[2]


@lru_cache(maxsize=512)
def path(text: str) -> Path:
    """Read an SVG path of absolute commands."""
    tokens = _TOKEN.findall(text)
    lines: list[np.ndarray] = []
    closed: list[bool] = []
    run: list[np.ndarray] = []
    command, at = "M", 0

    def point() -> np.ndarray:
        nonlocal at
        at += 2
        return np.array([float(tokens[at - 2]), float(tokens[at - 1])])

    def finish(is_closed: bool) -> None:
        nonlocal run
        if len(run) > 1:
            lines.append(np.vstack(run))
            closed.append(is_closed)
        run = []

    while at < len(tokens):
        if tokens[at].isalpha():
            command = tokens[at]
            at += 1
            if command == "Z":
                finish(True)
                continue
        if command == "M":
            finish(False)
            run = [point()]
            command = "L"
        elif command == "L":
            run.append(point())
        elif command in "HV":
            last = run[-1][-1] if run[-1].ndim > 1 else run[-1]
            value = float(tokens[at])
            at += 1
            run.append(np.array([value, last[1]] if command == "H" else [last[0], value]))
        else:
            last = run[-1][-1] if run[-1].ndim > 1 else run[-1]
            run.append(_curve(last, [point() for _ in range(3 if command == "C" else 2)]))
    finish(False)
    return Path(tuple(lines), tuple(closed))


def polygon(points: Iterable[tuple[float, float]]) -> Path:
    """A closed outline through the points."""
    return Path((np.array(list(points), dtype=float),), (True,))


def polyline(points: Iterable[tuple[float, float]]) -> Path:
    """An open line through the points."""
    return Path((np.array(list(points), dtype=float),), (False,))


def rect(x: float, y: float, width: float, height: float, radius: float = 0.0) -> Path:
    """A rectangle, with round corners when `radius` is given."""
    if radius <= 0:
        return polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
    radius = min(radius, width / 2, height / 2)
    right, low = x + width - radius, y + height - radius
    corners = ((right, y + radius, -90), (right, low, 0), (x + radius, low, 90), (x + radius, y + radius, 180))
    return polygon(
        (cx + radius * math.cos(math.radians(start + step)), cy + radius * math.sin(math.radians(start + step)))
        for cx, cy, start in corners
        for step in range(0, 91, 10)
    )


def ellipse(cx: float, cy: float, rx: float, ry: float | None = None, from_deg: float = 0, to_deg: float = 360) -> Path:
    """An ellipse, or an open arc of it when the angles do not close."""
    ry = rx if ry is None else ry
    whole = to_deg - from_deg >= 360
    angles = np.radians(np.linspace(from_deg, to_deg, 73 if whole else 37))
    points = np.stack([cx + rx * np.cos(angles), cy + ry * np.sin(angles)], axis=1)
    return Path((points[:-1] if whole else points,), (whole,))


def star(cx: float, cy: float, reach: float, waist: float = 0.3, tips: int = 4, turn_deg: float = 0.0) -> Path:
    """A star with `tips` points; `waist` is the inner radius as a share of the reach."""
    angles = np.arange(tips * 2) * math.pi / tips - math.pi / 2 + math.radians(turn_deg)
    radius = np.where(np.arange(tips * 2) % 2 == 0, reach, reach * waist)
    return Path((np.stack([cx + radius * np.cos(angles), cy + radius * np.sin(angles)], axis=1),), (True,))


def sag(x0: float, y0: float, x1: float, y1: float, drop: float) -> Path:
    """A hanging line (wire, chain) between two points; `drop` is how far its middle hangs."""
    return path(f"M{x0:.2f},{y0:.2f} Q{(x0 + x1) / 2:.2f},{(y0 + y1) / 2 + 2 * drop:.2f} {x1:.2f},{y1:.2f}")


def along(line: Path, count: int) -> list[tuple[float, float]]:
    """`count` points at equal distances along the first polyline, ends included."""
    points = line.lines[0]
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    wanted = np.linspace(0, steps[-1], count)
    return [(float(x), float(y)) for x, y in zip(np.interp(wanted, steps, points[:, 0]), np.interp(wanted, steps, points[:, 1]), strict=True)]
