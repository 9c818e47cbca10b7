"""Light and weather: bokeh, glows, beams, haze, rain, snow and dust."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import cv2
import numpy as np

from config.demo.film.paint import glow
from config.demo.film.paths import ellipse, polygon, polyline
from config.demo.film.plane import Level, Weather, to_bytes
from config.demo.film.sheet import HEIGHT, WIDTH, Box, Sheet, soften

WARM = ("#ffc27a", "#ffdca8", "#ff9f5a", "#ffe9c8")
CITY = ("#ffc27a", "#ffdca8", "#7fd0e6", "#ff8f5a")


def bokeh(
    sheet: Sheet,
    count: int,
    seed: int,
    area: Box,
    colours: Sequence[str] = CITY,
    *,
    size: tuple[float, float] = (5, 20),
    strength: tuple[float, float] = (0.08, 0.4),
) -> None:
    """Soft discs of lights out of focus, with the bright edge that a real lens gives."""
    dice = random.Random(seed)
    for _ in range(count):
        radius, alpha, colour = dice.uniform(*size), dice.uniform(*strength), dice.choice(colours)
        disc = ellipse(dice.uniform(area.left, area.right), dice.uniform(area.top, area.bottom), radius)
        sheet.fill(disc, colour, alpha, blur=radius * 0.06)
        sheet.stroke(disc, colour, max(0.8, radius * 0.07), alpha * 0.6, blur=0.5)


def lamp_glow(sheet: Sheet, x: float, y: float, radius: float, colour: str = "#ffb85c", strength: float = 1.0) -> None:
    """A warm bulb: a hot core, a near halo, a far haze."""
    sheet.shine(glow(x, y, radius, colour, 0.55 * strength, core=0.12))
    sheet.shine(glow(x, y, radius * 0.45, "#ffd891", 0.6 * strength, core=0.25))
    sheet.fill(ellipse(x, y, max(1.4, radius * 0.045)), "#fff6dd", min(1.0, strength), blur=0.6)


def beam(sheet: Sheet, points: Sequence[tuple[float, float]], colour: str, strength: float, blur: float = 18) -> None:
    """A shaft of light."""
    sheet.fill(polygon(points), colour, strength, blur=blur, blend="add")


def haze(sheet: Sheet, y: float, depth: float, colour: str, strength: float, seed: int = 3) -> None:
    """Low mist: wide soft ellipses."""
    dice = random.Random(seed)
    for _ in range(7):
        sheet.fill(
            ellipse(dice.uniform(-40, WIDTH + 40), y + dice.uniform(-depth, depth), dice.uniform(120, 260), dice.uniform(depth * 0.3, depth * 0.7)),
            colour,
            strength * dice.uniform(0.4, 1),
            blur=depth * 0.4,
        )


def stars(sheet: Sheet, count: int, seed: int, bottom: float, colour: str = "#cfe6f5") -> None:
    """A sky's stars, fewer and paler towards the horizon."""
    dice = random.Random(seed)
    for _ in range(count):
        y = dice.random() ** 1.4 * bottom
        sheet.fill(ellipse(dice.uniform(-60, WIDTH + 60), y, dice.uniform(0.5, 1.3)), colour, dice.uniform(0.15, 0.8) * (1 - 0.6 * y / bottom))


def sparkle(sheet: Sheet, x: float, y: float, reach: float, colour: str = "#fff4d6", strength: float = 1.0) -> None:
    """The cross of light on polished metal."""
    sheet.shine(glow(x, y, reach * 0.8, colour, 0.7 * strength, core=0.1))
    for dx, dy in ((reach, 0), (0, reach * 1.2)):
        thin = 0.02 * reach
        sheet.fill(
            polygon(
                [
                    (x - dx, y - dy),
                    (x + (thin if dy else 0), y + (thin if dx else 0)),
                    (x + dx, y + dy),
                    (x - (thin if dy else 0), y - (thin if dx else 0)),
                ]
            ),
            colour,
            0.8 * strength,
            blur=0.5,
            blend="add",
        )


# ---- weather: tiles that run past the lens


def rain(
    density: float,
    seed: int,
    *,
    strength: float = 0.5,
    count: int = 240,
    slant: float = 0.12,
    length: tuple[float, float] = (24, 70),
    speed: float = 1500,
) -> Weather:
    """Falling streaks; nearer ones are longer and brighter."""
    dice = random.Random(seed)
    sheet = Sheet(density, Box(0, 0, WIDTH, HEIGHT))
    for _ in range(count):
        near = dice.random() ** 2
        x, y, reach = dice.uniform(-40, WIDTH + 40), dice.uniform(0, HEIGHT), length[0] + (length[1] - length[0]) * near
        sheet.stroke(polyline([(x, y), (x - reach * slant, y + reach)]), "#bfe0f2", 0.7 + 1.1 * near, strength * (0.16 + 0.4 * near), blur=0.4)
    tile = to_bytes(sheet.pixels)
    tile[..., 3] = 0
    return Weather(np.concatenate([tile, tile]), (0, speed * density))


def snow(density: float, seed: int, *, strength: float = 0.8, count: int = 150, speed: float = 90, size: tuple[float, float] = (0.9, 4.2)) -> Weather:
    """Slow flakes, the near ones soft and large."""
    dice = random.Random(seed)
    sheet = Sheet(density, Box(0, 0, WIDTH, HEIGHT))
    for _ in range(count):
        near = dice.random() ** 3
        radius = size[0] + (size[1] - size[0]) * near
        sheet.fill(
            ellipse(dice.uniform(0, WIDTH), dice.uniform(8, HEIGHT - 8), radius), "#eef6ff", strength * (0.85 - 0.45 * near), blur=0.4 + near * 1.6
        )
    tile = to_bytes(sheet.pixels)
    tile[..., 3] = 0
    return Weather(np.concatenate([tile, tile]), (0, speed * density))


def motes(density: float, seed: int, *, colour: str = "#ffd9a0", strength: float = 0.4, count: int = 46, speed: float = -14) -> Weather:
    """Dust in lamp light, rising."""
    dice = random.Random(seed)
    sheet = Sheet(density, Box(0, 0, WIDTH, HEIGHT))
    for _ in range(count):
        sheet.fill(
            ellipse(dice.uniform(0, WIDTH), dice.uniform(6, HEIGHT - 6), dice.uniform(0.8, 2.4)),
            colour,
            strength * dice.uniform(0.2, 1),
            blur=dice.uniform(0.3, 1.4),
        )
    tile = to_bytes(sheet.pixels)
    tile[..., 3] = 0
    return Weather(np.concatenate([tile, tile]), (0, speed * density))


# ---- the lens


def vignette(width: int, height: int, strength: float = 0.62) -> np.ndarray:
    """Darkening towards the corners, (h, w, 4) 8 bits for a multiply."""
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    reach = np.hypot((xs / width - 0.5) / 0.75, (ys / height - 0.47) / 0.72)
    fall = 1 - strength * np.clip((reach - 0.42) / 0.55, 0, 1) ** 1.6
    return cv2.merge([np.clip(fall * 255, 0, 255).astype(np.uint8)] * 4)


def grain(width: int, height: int, seed: int, amount: float = 1.7) -> tuple[np.ndarray, np.ndarray]:
    """Film grain as two pictures: one to add, one to take away."""
    noise = soften(np.random.default_rng(seed).standard_normal((height, width), dtype=np.float32), 0.7) * np.float32(1.7 * amount)
    plus, minus = (np.clip(part, 0, 9).astype(np.uint8) for part in (noise, -noise))
    return cv2.merge([plus] * 4), cv2.merge([minus] * 4)


def flicker(seed: int, depth: float = 0.12, base: float = 1.0) -> Level:
    """A level that trembles like a flame or an old bulb."""
    dice = random.Random(seed)
    parts = [(dice.uniform(3, 17), dice.uniform(0, 6.28), dice.uniform(0.3, 1)) for _ in range(4)]
    total = sum(weight for *_, weight in parts)
    return lambda seconds: base * (1 - depth + depth * sum(w * math.sin(f * seconds + p) for f, p, w in parts) / total)
