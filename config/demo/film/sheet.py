"""A sheet to draw on: one plane of a shot, premultiplied BGRA in float, larger than the frame so that a camera can move.

Coordinates are stage points (the frame is 540 by 960); `density` is pixels per point. Blurs are Gaussian and run on a
reduced copy, since a wide blur has no fine detail to lose.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np

from config.demo.film.paint import Paint, colour_over
from config.demo.film.paths import Path, rect

WIDTH, HEIGHT = 540, 960
_SUBPIXEL_BITS = 5
_SUPERSAMPLE = 2


@dataclass(frozen=True)
class Box:
    """A rectangle in stage points."""

    left: float
    top: float
    right: float
    bottom: float


FRAME = Box(0, 0, WIDTH, HEIGHT)
OVERSCAN = Box(-80, -110, WIDTH + 80, HEIGHT + 110)


def soften(picture: np.ndarray, sigma_px: float) -> np.ndarray:
    """Gaussian blur of a float picture; wide ones are done on a smaller copy."""
    if sigma_px < 0.3:
        return picture
    shrink = max(1, int(sigma_px / 2.2))
    if shrink == 1:
        return cv2.GaussianBlur(picture, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE)
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (max(2, width // shrink), max(2, height // shrink)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma_px / shrink, borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR if shrink < 4 else cv2.INTER_CUBIC)


# numpy walks a broadcast (h, w, 1) against (h, w, 4) four numbers at a time; the next three lean on OpenCV instead (ten times faster).


def _by(picture: np.ndarray, factors: tuple[float, ...]) -> np.ndarray:
    """Each channel times its own number."""
    return cv2.multiply(picture, factors)  # type: ignore[call-overload, no-any-return]  # the stubs know no scalars


def _covered(colour: np.ndarray, cover: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A paint's colours, (h or 1, w or 1, 4), times coverage (a number, or (h, w)), as (h, w, 4)."""
    height, width = shape[:2]
    if colour.shape[:2] == (1, 1):
        blue, green, red, alpha = (float(part) for part in colour[0, 0])
        if not cover.ndim:
            return np.full((height, width, 4), colour[0, 0] * cover, np.float32)
        return _by(cv2.merge([cover] * 4), (blue, green, red, alpha))
    if colour.shape[:2] != (height, width):
        colour = cv2.resize(colour, (width, height), interpolation=cv2.INTER_NEAREST)
    if not cover.ndim:
        return _by(colour, (float(cover),) * 4)
    return cv2.multiply(colour, cv2.merge([cover] * 4))


def _keep(source: np.ndarray) -> np.ndarray:
    """How much of what lies under stays, in all four channels."""
    return cv2.merge([1 - cv2.extractChannel(source, 3)] * 4)


def _lit(source: np.ndarray) -> np.ndarray:
    """The colours without their alpha, for adding light."""
    return _by(source, (1.0, 1.0, 1.0, 0.0))


class Sheet:
    """Draws filled and stroked paths. `pixels` is (h, w, 4) float32 from 0 to 1, premultiplied."""

    def __init__(self, density: float = 1.0, box: Box = OVERSCAN) -> None:
        self.density, self.box = density, box
        width = round((box.right - box.left) * density)
        height = round((box.bottom - box.top) * density)
        self.pixels: np.ndarray = np.zeros((height, width, 4), np.float32)
        self._pen = np.array([[density, 0, -box.left * density], [0, density, -box.top * density]])

    # ---- where the pen is

    @contextmanager
    def placed(self, x: float = 0, y: float = 0, scale: float = 1.0, *, turn_deg: float = 0, flip: bool = False) -> Iterator[None]:
        """Draw in coordinates moved to (x, y), scaled, turned, and mirrored left to right when `flip`."""
        angle = math.radians(turn_deg)
        cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
        mirror = -1 if flip else 1
        step = np.array([[cos * mirror, -sin, x], [sin * mirror, cos, y], [0, 0, 1]])
        before, self._pen = self._pen, self._pen @ step
        try:
            yield
        finally:
            self._pen = before

    @property
    def _scale(self) -> float:
        return float(np.hypot(self._pen[0, 0], self._pen[1, 0]))

    # ---- coverage

    def _patch(self, outline: Path, reach_px: float) -> tuple[slice, slice] | None:
        """Rows and columns that the outline, grown by `reach_px`, can touch."""
        points = np.concatenate(outline.lines) @ self._pen[:, :2].T + self._pen[:, 2]
        left, top = np.floor(points.min(axis=0) - reach_px).astype(int)
        right, bottom = np.ceil(points.max(axis=0) + reach_px).astype(int) + 1
        height, width = self.pixels.shape[:2]
        left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
        if left >= right or top >= bottom:
            return None
        return slice(top, bottom), slice(left, right)

    def _coverage(self, outline: Path, patch: tuple[slice, slice], stroke_px: float | None) -> np.ndarray:
        """How much of each pixel the outline covers, (h, w) float32 from 0 to 1."""
        rows, columns = patch
        width, height = columns.stop - columns.start, rows.stop - rows.start
        mask = np.zeros((height * _SUPERSAMPLE, width * _SUPERSAMPLE), np.uint8)
        unit = _SUPERSAMPLE * (1 << _SUBPIXEL_BITS)
        lines = []
        for line in outline.lines:
            points = line @ self._pen[:, :2].T + self._pen[:, 2] - (columns.start, rows.start)
            lines.append(np.round(points * unit - unit / 4).astype(np.int32))
        if stroke_px is None:
            cv2.fillPoly(mask, lines, 255, cv2.LINE_AA, _SUBPIXEL_BITS)
        else:
            thickness = max(1, round(stroke_px * _SUPERSAMPLE))
            for line, closed in zip(lines, outline.closed, strict=True):
                cv2.polylines(mask, [line], closed, 255, thickness, cv2.LINE_AA, _SUBPIXEL_BITS)
        cover = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
        thin = 1.0 if stroke_px is None else min(1.0, stroke_px * _SUPERSAMPLE)
        return cover * np.float32(thin / 255)

    def mask(self, outline: Path, blur: float = 0.0) -> np.ndarray:
        """Coverage of the whole sheet by the outline, (h, w); use it as a clip."""
        whole = np.zeros(self.pixels.shape[:2], np.float32)
        patch = self._patch(outline, 2 + 3 * blur * self._scale)
        if patch:
            whole[patch] = soften(self._coverage(outline, patch, None), blur * self._scale)
        return whole

    # ---- drawing

    def fill(
        self, outline: Path, paint: Paint, alpha: float = 1.0, *, blur: float = 0.0, clip: np.ndarray | None = None, blend: str = "over"
    ) -> None:
        """Fill the outline; `blur` in pen units; `clip` a mask of the sheet; `blend` is over, add or multiply."""
        self._lay(outline, paint, alpha, blur, clip, blend, None)

    def stroke(
        self, outline: Path, paint: Paint, width: float, alpha: float = 1.0, *, blur: float = 0.0, clip: np.ndarray | None = None, blend: str = "over"
    ) -> None:
        """Draw along the outline with a round pen."""
        self._lay(outline, paint, alpha, blur, clip, blend, width * self._scale)

    def wash(self, paint: Paint, alpha: float = 1.0, *, clip: np.ndarray | None = None, blend: str = "over") -> None:
        """Paint everything."""
        height, width = self.pixels.shape[:2]
        cover = np.asarray(1.0 if clip is None else clip, np.float32) * np.float32(alpha)
        self._blend((slice(0, height), slice(0, width)), paint, np.asarray(cover), blend)

    def shine(self, paint: Paint, alpha: float = 1.0, *, blend: str = "add") -> None:
        """Paint a radial light over the square it reaches."""
        cx, cy = paint.centre  # type: ignore[union-attr]
        rx, ry = paint.rx, paint.ry or paint.rx  # type: ignore[union-attr]
        patch = self._patch(rect(cx - rx, cy - ry, 2 * rx, 2 * ry), 1)
        if patch:
            self._blend(patch, paint, np.asarray(alpha, np.float32), blend)

    def _lay(self, outline: Path, paint: Paint, alpha: float, blur: float, clip: np.ndarray | None, blend: str, stroke_px: float | None) -> None:
        sigma = blur * self._scale
        patch = self._patch(outline, 2 + 3 * sigma + (stroke_px or 0))
        if not patch:
            return
        cover = soften(self._coverage(outline, patch, stroke_px), sigma)
        if clip is not None:
            cover = cover * clip[patch]
        self._blend(patch, paint, cover * np.float32(alpha), blend)

    def _blend(self, patch: tuple[slice, slice], paint: Paint, cover: np.ndarray, blend: str) -> None:
        rows, columns = patch
        xs = np.arange(columns.start, columns.stop) + 0.5
        ys = np.arange(rows.start, rows.stop) + 0.5
        under = self.pixels[patch]
        source = _covered(colour_over(paint, xs, ys, self._pen), cover, under.shape)
        if blend == "add":
            cv2.add(under, _lit(source), under)
        elif blend == "multiply":
            cv2.multiply(under, _lit(source) + _keep(source), under)
        else:
            cv2.multiply(under, _keep(source), under)
            cv2.add(under, source, under)

    def put(self, other: Sheet, alpha: float = 1.0, *, blur: float = 0.0, blend: str = "over") -> None:
        """Lay a sheet of the same box over this one."""
        source: np.ndarray = soften(other.pixels, blur * self.density) * np.float32(alpha)
        if source.shape != self.pixels.shape:
            source = cv2.resize(source, self.pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        if blend == "add":
            self.pixels += _lit(source)
            return
        self.pixels *= _keep(source)
        self.pixels += source

    def like(self, density: float | None = None) -> Sheet:
        """An empty sheet over the same box, the pen where this one's is."""
        fresh = Sheet(density or self.density, self.box)
        fresh._pen = np.vstack([self._pen[:1] - [[0, 0, 0]], self._pen[1:]]) * (fresh.density / self.density)
        return fresh
