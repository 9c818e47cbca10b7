"""Planes: finished pictures at a depth, laid over each other frame by frame.

A plane is 8-bit premultiplied BGRA. Laying one down costs about two milliseconds for a full 540x960 frame, because
OpenCV warps and multiplies with vector instructions; numpy would take ten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import cv2
import numpy as np

from config.demo.film.camera import View, plane_matrix
from config.demo.film.sheet import Box, Sheet

Offset = Callable[[float], tuple[float, float]]
Level = Callable[[float], float]


@lru_cache(maxsize=4)
def _dither(height: int, width: int) -> np.ndarray:
    noise = np.random.default_rng(11).random((256, 256), dtype=np.float32) - np.float32(0.5)
    return cv2.merge([np.tile(noise, (height // 256 + 1, width // 256 + 1))[:height, :width]] * 4)


def to_bytes(pixels: np.ndarray) -> np.ndarray:
    """Float 0..1 to 8 bits, with noise before rounding so that dark gradients do not show bands."""
    return cv2.convertScaleAbs(cv2.scaleAdd(pixels, 255.0, _dither(*pixels.shape[:2])))


def no_shift(_seconds: float) -> tuple[float, float]:
    """The plane stays where it is."""
    return 0.0, 0.0


@dataclass
class Plane:
    """One picture of a shot and how it behaves.

    `poses` are small replacement patches (x, y in pixels, picture) by name; `pose` picks one at a time of the shot.
    `level` is its strength (a flickering lamp); `blend` is over or add.
    """

    picture: np.ndarray
    box: Box
    density: float
    depth: float = 1.0
    blend: str = "over"
    shift: Offset = no_shift
    swell: Level | None = None
    level: Level | None = None
    poses: dict[str, tuple[int, int, np.ndarray]] = field(default_factory=dict)
    pose: Callable[[float], str] | None = None
    is_ground: bool = False
    """Opaque and wider than the frame: nothing under it can be seen."""
    _shown: str = ""

    @classmethod
    def of(cls, sheet: Sheet, depth: float = 1.0, *, trim: bool = True, **more: object) -> Plane:
        """A finished sheet as a plane; empty margins are cut off."""
        picture, box = to_bytes(sheet.pixels), sheet.box
        if trim:
            picture, box = _trimmed(picture, box, sheet.density)
        elif more.get("blend", "over") == "over":
            more["is_ground"] = bool(cv2.extractChannel(picture, 3).min() == 255)
        return cls(picture, box, sheet.density, depth, **more)  # type: ignore[arg-type]

    def lay(self, frame: np.ndarray, view: View, seconds: float, density: float) -> None:
        """Draw onto the frame (h, w, 4) as the camera sees it now."""
        strength = 1.0 if self.level is None else self.level(seconds)
        if strength <= 0.004:
            return
        self._strike_pose(seconds)
        swell = 1.0 if self.swell is None else self.swell(seconds)
        matrix = plane_matrix(view, self.depth, density, self.box.left, self.box.top, self.shift(seconds), swell)
        matrix[:, :2] *= density / self.density
        target = _landing(matrix, self.picture.shape, frame.shape)
        if target is None:
            return
        rows, columns = target
        matrix[:, 2] -= (columns.start, rows.start)
        size = (columns.stop - columns.start, rows.stop - rows.start)
        if self.is_ground:
            cv2.warpAffine(self.picture, matrix, size, frame[rows, columns], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            return
        seen = cv2.warpAffine(self.picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        if strength < 0.996 or strength > 1.004:
            seen = cv2.convertScaleAbs(seen, alpha=strength)
        under = frame[rows, columns]
        if self.blend == "over":
            veil = cv2.cvtColor(255 - cv2.extractChannel(seen, 3), cv2.COLOR_GRAY2BGRA)
            cv2.multiply(under, veil, under, scale=1 / 255)
        cv2.add(under, seen, under)

    def _strike_pose(self, seconds: float) -> None:
        if self.pose is None:
            return
        wanted = self.pose(seconds)
        if wanted != self._shown and wanted in self.poses:
            x, y, patch = self.poses[wanted]
            self.picture[y : y + patch.shape[0], x : x + patch.shape[1]] = patch
            self._shown = wanted


def merged(layers: list[Plane | Weather]) -> list[Plane | Weather]:
    """Neighbours that stand still at nearly the same depth become one picture: fewer to warp in every frame."""
    out: list[Plane | Weather] = []
    for layer in layers:
        last = out[-1] if out else None
        if isinstance(last, Plane) and isinstance(layer, Plane) and _can_merge(last, layer):
            out[-1] = _together(last, layer)
        else:
            out.append(layer)
    return out


def _can_merge(under: Plane, over: Plane) -> bool:
    still = all(plane.shift is no_shift and plane.level is None and plane.swell is None and plane.pose is None for plane in (under, over))
    return still and abs(under.depth - over.depth) <= 0.17 and (over.blend == "add" or under.blend == "over")


def _together(under: Plane, over: Plane) -> Plane:
    """One plane for two; light that is added stays light, since premultiplied colours may be brighter than their alpha."""
    density = max(under.density, over.density)
    box = under.box if under.is_ground else _union(under.box, over.box)
    size = round((box.right - box.left) * density), round((box.bottom - box.top) * density)
    border = cv2.BORDER_REPLICATE if under.is_ground else cv2.BORDER_CONSTANT
    lower, upper = (_regridded(plane, box, density, size, border if plane is under else cv2.BORDER_CONSTANT) for plane in (under, over))
    if over.blend == "over":
        veil = cv2.cvtColor(255 - cv2.extractChannel(upper, 3), cv2.COLOR_GRAY2BGRA)
        veil[..., 3] = veil[..., 0]
        lower = cv2.multiply(lower, veil, scale=1 / 255)
    return replace(under, picture=cv2.add(lower, upper), box=box, density=density, depth=(under.depth + over.depth) / 2)


def _union(first: Box, second: Box) -> Box:
    return Box(min(first.left, second.left), min(first.top, second.top), max(first.right, second.right), max(first.bottom, second.bottom))


def _regridded(plane: Plane, box: Box, density: float, size: tuple[int, int], border: int) -> np.ndarray:
    """The plane's picture on the pixels of another box."""
    scale = density / plane.density
    matrix = np.array([[scale, 0, (plane.box.left - box.left) * density], [0, scale, (plane.box.top - box.top) * density]])
    return cv2.warpAffine(plane.picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border)


def _trimmed(picture: np.ndarray, box: Box, density: float) -> tuple[np.ndarray, Box]:
    flat = picture.reshape(picture.shape[0], -1)
    columns = np.flatnonzero(flat.max(axis=0).reshape(-1, 4).any(axis=1))
    rows = np.flatnonzero(flat.max(axis=1))
    if not len(rows):
        return picture[:1, :1].copy(), box
    left, right, top, bottom = max(columns[0] - 1, 0), columns[-1] + 2, max(rows[0] - 1, 0), rows[-1] + 2
    picture = np.ascontiguousarray(picture[top:bottom, left:right])
    height, width = picture.shape[:2]
    corner_x, corner_y = box.left + left / density, box.top + top / density
    return picture, Box(corner_x, corner_y, corner_x + width / density, corner_y + height / density)


def _landing(matrix: np.ndarray, shape: tuple[int, ...], frame_shape: tuple[int, ...]) -> tuple[slice, slice] | None:
    """The part of the frame that the plane can reach."""
    zoom, tx, ty = matrix[0, 0], matrix[0, 2], matrix[1, 2]
    left, top = max(int(np.floor(tx)), 0), max(int(np.floor(ty)), 0)
    right = min(int(np.ceil(tx + shape[1] * zoom)) + 1, frame_shape[1])
    bottom = min(int(np.ceil(ty + shape[0] * zoom)) + 1, frame_shape[0])
    if left >= right or top >= bottom:
        return None
    return slice(top, bottom), slice(left, right)


@dataclass
class Weather:
    """A tall picture that runs past the lens by whole pixels and wraps around: rain, snow, streaks, dust.

    `speed` in pixels per second (x, y). Added to the frame, at one slice-and-add per frame.
    """

    tile: np.ndarray
    speed: tuple[float, float]
    level: Level | None = None

    def lay(self, frame: np.ndarray, _view: View, seconds: float, _density: float) -> None:
        """Add the tile at its place for this moment."""
        height, width = frame.shape[:2]
        x = int(-self.speed[0] * seconds) % (self.tile.shape[1] - width + 1) if self.tile.shape[1] > width else 0
        y = int(-self.speed[1] * seconds) % (self.tile.shape[0] // 2)
        seen = self.tile[y : y + height, x : x + width]
        strength = 1.0 if self.level is None else self.level(seconds)
        if strength < 0.996:
            seen = cv2.convertScaleAbs(seen, alpha=strength)
        cv2.add(frame, seen, frame)
