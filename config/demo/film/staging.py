"""Putting people on planes: speaking, blinking and breathing."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from config.demo.film.actors import Actor
from config.demo.film.people import FACE_BOX, Lighting, draw_profile
from config.demo.film.plane import Offset, Plane, Weather, to_bytes
from config.demo.film.sheet import OVERSCAN, Box, Sheet, soften

Speech = tuple[float, float]
"""From and to, in seconds of the shot."""


@dataclass
class Stage:
    """What a scene gets to build one shot."""

    density: float
    seconds: float
    cast: Sequence[Actor] = ()
    speaking: Sequence[Sequence[Speech]] = ()
    seed: int = 1
    mood: str = ""
    options: dict[str, object] = field(default_factory=dict)

    def sheet(self, coarse: float = 1.0) -> Sheet:
        """An empty plane; `coarse` above 1 draws a soft background with fewer pixels."""
        return Sheet(self.density / coarse, OVERSCAN)

    def actor(self, index: int, default: Actor) -> Actor:
        """The shot's actor at that place, or the scene's usual one."""
        return self.cast[index] if index < len(self.cast) else default

    def option(self, name: str, default: object) -> object:
        """A choice that the story made for this shot."""
        return self.options.get(name, default)


Layers = list[Plane | Weather]


def breathing(seed: int, reach: float = 1.6) -> Offset:
    """A shift by which a living person is never quite still."""
    phase = (seed * 1.7) % 6.28
    return lambda seconds: (0.5 * reach * math.sin(0.8 * seconds + phase), reach * math.sin(1.35 * seconds + phase))


def profile_plane(
    stage: Stage,
    index: int,
    actor: Actor,
    light: Lighting,
    *,
    x: float,
    y: float,
    scale: float,
    flip: bool = False,
    turn_deg: float = 0.0,
    depth: float = 1.0,
    gaze: str = "open",
    blur: float = 0.0,
) -> Plane:
    """An actor in profile who opens the mouth while speaking and blinks now and then."""

    def drawn(sheet: Sheet, mouth: float, eyes: str) -> Sheet:
        with sheet.placed(x, y, scale, flip=flip, turn_deg=turn_deg):
            draw_profile(sheet, actor, light, mouth=mouth, eyes=eyes)
        return sheet

    whole = drawn(stage.sheet(), 0.0, gaze)
    if blur:
        whole.pixels = soften(whole.pixels, blur * stage.density)
    plane = Plane.of(whole, depth, shift=breathing(index + stage.seed))
    if blur:
        return plane
    box = _face_box(x, y, scale, flip, turn_deg)
    shut = "shut"
    looks = {"rest": (0.0, gaze), "blink": (0.0, shut), "half": (0.45, gaze), "wide": (1.0, gaze)}
    for name, (mouth, eyes) in looks.items():
        if name in ("half", "wide") and not _speech_of(stage, index):
            continue
        plane.poses[name] = _patch(drawn(Sheet(stage.density, _snapped(box, plane.box, stage.density)), mouth, eyes), plane)
    plane.poses = {name: pose for name, pose in plane.poses.items() if pose[2].size}
    plane.pose = _acting(_speech_of(stage, index), stage.seed * 13 + index, stage.seconds, has_blink=gaze == "open")
    return plane


def _speech_of(stage: Stage, index: int) -> Sequence[Speech]:
    return stage.speaking[index] if index < len(stage.speaking) else ()


def _face_box(x: float, y: float, scale: float, flip: bool, turn_deg: float) -> Box:
    left, top, right, bottom = FACE_BOX
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    points = []
    for px, py in ((left, top), (right, top), (left, bottom), (right, bottom)):
        px = -px if flip else px
        points.append((x + scale * (px * cos - py * sin), y + scale * (px * sin + py * cos)))
    xs, ys = zip(*points, strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


def _snapped(box: Box, within: Box, density: float) -> Box:
    """The box moved to whole pixels of a plane's picture and cut to it."""

    def low(value: float, origin: float) -> float:
        return origin + max(0, math.floor((value - origin) * density)) / density

    right, bottom = min(box.right, within.right), min(box.bottom, within.bottom)
    left, top = low(box.left, within.left), low(box.top, within.top)
    width = max(0, math.floor((right - left) * density)) / density
    height = max(0, math.floor((bottom - top) * density)) / density
    return Box(left, top, left + width, top + height)


def _patch(sheet: Sheet, plane: Plane) -> tuple[int, int, np.ndarray]:
    x = round((sheet.box.left - plane.box.left) * plane.density)
    y = round((sheet.box.top - plane.box.top) * plane.density)
    return x, y, to_bytes(sheet.pixels)


def _acting(speech: Sequence[Speech], seed: int, seconds: float, *, has_blink: bool) -> Callable[[float], str]:
    """Which pose to strike at a moment: mouths move at about seven shapes a second."""
    dice = random.Random(seed)
    blinks, at = [], dice.uniform(0.7, 2.4)
    while has_blink and at < seconds:
        blinks.append(at)
        at += dice.uniform(1.8, 3.8)
    shapes = [dice.choice(("wide", "half", "half", "rest", "wide", "half")) for _ in range(512)]

    def pose(now: float) -> str:
        if any(start <= now < end for start, end in speech):
            return shapes[int(now * 8.5) % len(shapes)]
        return "blink" if any(start <= now < start + 0.13 for start in blinks) else "rest"

    return pose
