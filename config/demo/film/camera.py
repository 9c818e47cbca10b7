"""The camera: where it looks at a moment of a shot, and what that does to a plane at some depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from config.demo.film.sheet import HEIGHT, WIDTH


def ease(t: float) -> float:
    """Slow at both ends (smoothstep), 0 to 1."""
    t = min(max(t, 0.0), 1.0)
    return t * t * (3 - 2 * t)


def glide(t: float) -> float:
    """Nearly even speed with soft ends, as a dolly on rails moves."""
    t = min(max(t, 0.0), 1.0)
    return 0.75 * t + 0.25 * ease(t)


@dataclass(frozen=True)
class View:
    """What the camera sees: its offset from the middle in points, and its zoom."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0


@dataclass(frozen=True)
class Move:
    """A camera move from one view to another over the whole shot."""

    start: View
    end: View
    sway: float = 1.2
    """Points by which a held camera breathes."""

    def at(self, share: float, seconds: float) -> View:
        """The view at `share` (0 to 1) of the shot, `seconds` after its start."""
        t = glide(share)
        sway_x = self.sway * np.sin(0.9 * seconds + 0.4) + 0.5 * self.sway * np.sin(1.7 * seconds)
        sway_y = self.sway * 0.8 * np.sin(0.7 * seconds + 1.1)
        return View(
            self.start.x + (self.end.x - self.start.x) * t + sway_x,
            self.start.y + (self.end.y - self.start.y) * t + sway_y,
            self.start.zoom * (self.end.zoom / self.start.zoom) ** t,
        )


MOVES = {
    "still": Move(View(zoom=1.03), View(zoom=1.045)),
    "push": Move(View(zoom=1.02), View(0, -8, 1.15)),
    "push_far": Move(View(0, 10, 1.0), View(0, -14, 1.28)),
    "pull": Move(View(0, -8, 1.16), View(zoom=1.02)),
    "left": Move(View(26, 0, 1.07), View(-26, 0, 1.07)),
    "right": Move(View(-26, 0, 1.07), View(26, 0, 1.07)),
    "rise": Move(View(0, 40, 1.08), View(0, -40, 1.08)),
    "sink": Move(View(0, -36, 1.07), View(0, 36, 1.07)),
    "drift": Move(View(-12, 8, 1.06), View(12, -8, 1.11)),
    "shaken": Move(View(0, 4, 1.08), View(0, -4, 1.12), sway=3.2),
}


def plane_matrix(view: View, depth: float, density: float, box_left: float, box_top: float, shift: tuple[float, float], swell: float) -> np.ndarray:
    """2x3 matrix from a plane's pixels to the frame's pixels.

    Depth 0 is the horizon (hardly moves), 1 the plane in focus, above 1 nearer than that. `shift` in points and `swell`
    (a scale about the frame's middle) are the plane's own motion.
    """
    share = 0.25 + 0.75 * depth
    zoom = view.zoom ** (0.45 + 0.55 * depth) * swell
    middle_x, middle_y = WIDTH / 2, HEIGHT / 2
    tx = middle_x + (box_left - middle_x + shift[0] - view.x * share) * zoom
    ty = middle_y + (box_top - middle_y + shift[1] - view.y * share) * zoom
    return np.array([[zoom, 0, tx * density], [0, zoom, ty * density]], dtype=np.float64)
