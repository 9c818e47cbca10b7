"""Colours and gradients, evaluated over a patch of pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

LUT_SIZE = 512
Stop = tuple[float, str, float]
"""(place from 0 to 1, colour `#rrggbb`, opacity)."""


@lru_cache(maxsize=1024)
def bgr(colour: str) -> tuple[float, float, float]:
    """`#rrggbb` or `#rgb` as blue, green, red from 0 to 1."""
    text = colour.lstrip("#")
    if len(text) == 3:
        text = "".join(c * 2 for c in text)
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return blue, green, red


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` of the way from the first to the second."""
    parts = zip(bgr(first), bgr(second), strict=True)
    blue, green, red = (round(255 * (a + (b - a) * share)) for a, b in parts)
    return f"#{red:02x}{green:02x}{blue:02x}"


@lru_cache(maxsize=1024)
def _ramp(stops: tuple[Stop, ...]) -> np.ndarray:
    """Premultiplied BGRA colours of the stops, shape (LUT_SIZE, 4)."""
    places = [stop[0] for stop in stops]
    wanted = np.linspace(0, 1, LUT_SIZE)
    rows = np.array([[*bgr(colour), alpha] for _, colour, alpha in stops])
    ramp = np.stack([np.interp(wanted, places, rows[:, i]) for i in range(4)], axis=1)
    ramp[:, :3] *= ramp[:, 3:]
    return ramp.astype(np.float32)


@dataclass(frozen=True)
class Linear:
    """A gradient from one point to another, in the pen's coordinates."""

    start: tuple[float, float]
    end: tuple[float, float]
    stops: tuple[Stop, ...]

    def over(self, xs: np.ndarray, ys: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """Premultiplied BGRA for pixel centres `xs` (w,) and `ys` (h,)."""
        x0, y0 = matrix @ (*self.start, 1.0)
        x1, y1 = matrix @ (*self.end, 1.0)
        dx, dy = x1 - x0, y1 - y0
        length = dx * dx + dy * dy or 1.0
        across = ((xs - x0) * dx / length).astype(np.float32)
        down = ((ys - y0) * dy / length).astype(np.float32)
        ramp = _ramp(self.stops)
        if abs(dx) < 1e-6:
            return ramp[_index(down)][:, None, :]
        if abs(dy) < 1e-6:
            return ramp[_index(across)][None, :, :]
        return np.take(ramp, _index(across[None, :] + down[:, None]), axis=0)


@dataclass(frozen=True)
class Radial:
    """A gradient from a centre outwards; `ry` makes it an ellipse along the screen's axes."""

    centre: tuple[float, float]
    rx: float
    stops: tuple[Stop, ...]
    ry: float | None = None

    def over(self, xs: np.ndarray, ys: np.ndarray, matrix: np.ndarray) -> np.ndarray:
        """Premultiplied BGRA for pixel centres `xs` (w,) and `ys` (h,)."""
        x0, y0 = matrix @ (*self.centre, 1.0)
        scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        across = (((xs - x0) / (self.rx * scale)) ** 2).astype(np.float32)
        down = (((ys - y0) / ((self.ry or self.rx) * scale)) ** 2).astype(np.float32)
        return np.take(_ramp(self.stops), _index(np.sqrt(across[None, :] + down[:, None])), axis=0)


def _index(place: np.ndarray) -> np.ndarray:
    scaled = place * np.float32(LUT_SIZE - 1)
    return np.minimum(np.maximum(scaled, 0), LUT_SIZE - 1, out=scaled).astype(np.intp)


Paint = str | Linear | Radial


def down(*stops: Stop, top: float = 0, bottom: float = 960) -> Linear:
    """A gradient from top to bottom."""
    return Linear((0, top), (0, bottom), stops)


def across(*stops: Stop, left: float = 0, right: float = 540) -> Linear:
    """A gradient from left to right."""
    return Linear((left, 0), (right, 0), stops)


def glow(cx: float, cy: float, radius: float, colour: str, strength: float = 1.0, core: float = 0.25, ry: float | None = None) -> Radial:
    """Light that falls off softly: full in the core, gone at the radius."""
    places = (0.0, core * 0.6, core, core + (1 - core) * 0.35, core + (1 - core) * 0.7, 1.0)
    falls = (1.0, 0.8, 0.45, 0.17, 0.045, 0.0)
    return Radial((cx, cy), radius, tuple((p, colour, strength * f) for p, f in zip(places, falls, strict=True)), ry)


def colour_over(paint: Paint, xs: np.ndarray, ys: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Premultiplied BGRA of any paint over a patch, broadcastable to (h, w, 4)."""
    if isinstance(paint, str):
        return np.array([*bgr(paint), 1.0], dtype=np.float32)[None, None, :]
    return paint.over(xs, ys, matrix)
