"""Frames: every picture of an episode is a pure function of its number, so that parts can be drawn by several processes."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from config.demo.film.camera import MOVES
from config.demo.film.light import grain, vignette
from config.demo.film.scenes import build
from config.demo.film.script import Episode, Shot
from config.demo.film.sheet import HEIGHT, WIDTH
from config.demo.film.staging import Layers

FPS = 25
_DISSOLVE_S = 0.6
_FADE_S = 0.5
_END_FADE_S = 0.35
_GRAINS = 5


def frame_of(seconds: float) -> int:
    """The frame shown at that time."""
    return round(seconds * FPS)


def shot_frames(episode: Episode) -> list[tuple[int, int]]:
    """First frame and the frame after the last, for each shot."""
    starts = [frame_of(start) for start in episode.starts]
    return list(zip(starts, [*starts[1:], frame_of(episode.seconds)], strict=True))


def parts(episode: Episode, count: int) -> list[tuple[int, int]]:
    """The shots cut into `count` runs of about equal length (first, after last); no run starts inside a dissolve."""
    spans, total = shot_frames(episode), frame_of(episode.seconds)
    free = [index for index, shot in enumerate(episode.shots) if index and shot.join != "dissolve"]
    edges = [0]
    for part in range(1, count):
        later = [index for index in free if index > edges[-1]]
        if later:
            edges.append(min(later, key=lambda index: abs(spans[index][0] - total * part / count)))
    return list(zip(edges, [*edges[1:], len(episode.shots)], strict=True))


class Projector:
    """Draws frames of one episode at one size; `density` 1 is 540x960."""

    def __init__(self, episode: Episode, density: float) -> None:
        self.episode, self.density = episode, density
        self.width, self.height = round(WIDTH * density / 2) * 2, round(HEIGHT * density / 2) * 2
        self._vignette = vignette(self.width, self.height)
        self._grain = [grain(self.width, self.height, seed) for seed in range(_GRAINS)]

    def frames(self, first: int, last: int) -> Iterator[tuple[int, np.ndarray]]:
        """Number and picture, (h, w, 4) BGRA, of all frames of the shots first..last-1."""
        before: tuple[Shot, Layers, float] | None = None
        spans = shot_frames(self.episode)
        for index in range(first, last):
            shot = self.episode.shots[index]
            layers = build(shot, self.density)
            start, end = spans[index]
            for number in range(start, end):
                seconds = (number - start) / FPS
                frame = self._look(shot, layers, seconds)
                if shot.join == "dissolve" and before and seconds < _DISSOLVE_S:
                    old = self._look(before[0], before[1], before[2] + seconds)
                    share = seconds / _DISSOLVE_S
                    frame = cv2.addWeighted(frame, share, old, 1 - share, 0)
                yield number, self._graded(frame, self._brightness(index, shot, seconds, number), number)
            before = (shot, layers, (end - start) / FPS)

    def still(self, at_s: float) -> np.ndarray:
        """One frame, (h, w, 3) BGR, without grain."""
        at = min(frame_of(at_s), frame_of(self.episode.seconds) - 1)
        for shot, (start, end) in zip(self.episode.shots, shot_frames(self.episode), strict=True):
            if start <= at < end:
                frame = self._look(shot, build(shot, self.density), (at - start) / FPS)
                return cv2.multiply(frame, self._vignette, scale=1 / 255)[..., :3]
        raise ValueError(f"{at_s} s is outside the episode")

    def _look(self, shot: Shot, layers: Layers, seconds: float) -> np.ndarray:
        frame = np.zeros((self.height, self.width, 4), np.uint8)
        view = MOVES[shot.move].at(seconds / shot.seconds, seconds)
        for layer in layers:
            layer.lay(frame, view, seconds, self.density)
        return frame

    def _brightness(self, index: int, shot: Shot, seconds: float, number: int) -> float:
        left = (frame_of(self.episode.seconds) - 1 - number) / FPS
        rising = seconds / _FADE_S if shot.join == "fade" and seconds < _FADE_S else 1.0
        if index == 0:
            rising = 0.25 + 0.75 * rising
        return min(rising, max(0.0, left / _END_FADE_S) if left < _END_FADE_S else 1.0)

    def _graded(self, frame: np.ndarray, brightness: float, number: int) -> np.ndarray:
        cv2.multiply(frame, self._vignette, frame, scale=brightness / 255)
        plus, minus = self._grain[number % _GRAINS]
        cv2.add(frame, plus, frame)
        cv2.subtract(frame, minus, frame)
        return frame
