"""An episode's sound: score, beds, single sounds and voices, mixed to the loudness of `mix.py`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from config.demo.film.instruments import RATE
from config.demo.film.mix import ducked, mastered, reverb, write_wav
from config.demo.film.score import compose, play
from config.demo.film.script import Episode
from config.demo.film.sounds import BEDS, HITS
from config.demo.film.voices import VOICES, say

_MUSIC = 0.9
_SOUNDS = 0.8


def _add(bus: np.ndarray, tone: np.ndarray, at: float, pan: float = 0.0) -> None:
    start = int(at * RATE)
    tone = tone[: max(0, len(bus) - start)]
    angle = (pan + 1) * np.pi / 4
    for ear, gain in enumerate((np.cos(angle), np.sin(angle))):
        bus[start : start + len(tone), ear] += tone * np.float32(gain * 1.2)


def _beds(episode: Episode, bus: np.ndarray, dice: np.random.Generator) -> None:
    """Runs of shots with the same bed share one, a little longer than the shots so that they overlap."""
    starts = episode.starts
    index = 0
    while index < len(episode.shots):
        name, first = episode.shots[index].bed, starts[index]
        seconds = 0.0
        while index < len(episode.shots) and episode.shots[index].bed == name:
            seconds += episode.shots[index].seconds
            index += 1
        if name:
            _add(bus, BEDS[name](seconds + 0.35, dice), first)


def soundtrack(episode: Episode, seed: int) -> np.ndarray:
    """The whole sound of an episode, (samples, 2) float32."""
    dice = np.random.default_rng(seed)
    length = int(episode.seconds * RATE)
    world, speech = (np.zeros((length, 2), np.float32) for _ in range(2))
    _beds(episode, world, dice)
    for shot, start in zip(episode.shots, episode.starts, strict=True):
        for sound in shot.sounds:
            make = HITS.get(sound.name) or BEDS[sound.name]
            _add(world, make(max(0.6, shot.seconds - sound.at), dice) * np.float32(sound.force), start + sound.at)
        for line in shot.lines:
            pan = VOICES[line.who].pan
            _add(speech, say(line.en, line.who, line.seconds), start + line.at, pan)
    music = play(compose(episode.music, episode.seconds, seed), episode.seconds)
    music = ducked(music * np.float32(_MUSIC), speech.max(axis=1))
    hall = reverb((0.34 * music + 0.1 * speech + 0.04 * world).sum(axis=1), 2.2, 4200, seed)
    return mastered(music + world * np.float32(_SOUNDS) + speech * np.float32(1.5) + hall * np.float32(0.5))


def write_soundtrack(episode: Episode, seed: int, path: Path) -> None:
    """The sound as a WAV file."""
    write_wav(soundtrack(episode, seed), path)
