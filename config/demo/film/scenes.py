"""Scenes by name, and how a shot of the script becomes planes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from config.demo.film import actors, city, close, interiors, train
from config.demo.film.actors import Actor
from config.demo.film.plane import merged
from config.demo.film.script import Shot
from config.demo.film.staging import Layers, Speech, Stage

Scene = Callable[[Stage], Layers]


def _with(scene: Scene, **options: object) -> Scene:
    """The scene with options set unless the shot sets them."""
    return lambda stage: scene(replace(stage, options={**options, **stage.options}))


SCENES: dict[str, Scene] = {
    "skyline": city.skyline,
    "rooftop": city.rooftop,
    "carriage": train.carriage,
    "carriage_pair": _with(train.carriage, pair=True),
    "carriage_dark": _with(train.carriage, pair=True, dark=0.6),
    "seat_left": train.seat_left,
    "platform": train.platform,
    "clock": train.clock,
    "workshop": interiors.workshop,
    "workshop_pair": _with(interiors.workshop, pair=True),
    "blinds": interiors.blinds,
    "corridor": interiors.corridor,
    "lift": interiors.lift,
    "teahouse": interiors.teahouse,
    "teahouse_pair": _with(interiors.teahouse, pair=True),
    "face": close.face,
    "two_faces": close.two_faces,
    "thing": close.thing,
    "letter": close.letter,
    "street": close.street,
}


def looks(shot: Shot) -> list[Actor]:
    """The shot's actors."""
    return [getattr(actors, name) for name in shot.cast]


def speeches(shot: Shot) -> list[list[Speech]]:
    """For each actor of the shot, when the mouth moves. `MARA_HOOPS` is a look of `mara`."""
    return [[(line.at, line.at + line.seconds - 0.2) for line in shot.lines if line.who == name.split("_")[0].lower()] for name in shot.cast]


def build(shot: Shot, density: float) -> Layers:
    """The shot's planes, far to near."""
    stage = Stage(density, shot.seconds, looks(shot), speeches(shot), shot.seed, shot.mood, dict(shot.options))
    return merged(SCENES[shot.scene](stage))
