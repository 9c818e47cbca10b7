"""The score: one theme for each story, varied for each episode, ending on its hook.

A piece has four parts: an opening with broken chords, the theme, a tightening over a pulse, and a held last chord under
which the last line of the episode falls.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from config.demo.film.instruments import PLAYERS, RATE

_MINOR = (0, 2, 3, 5, 7, 8, 10)
_PENTATONIC = (0, 3, 5, 7, 10)


@dataclass(frozen=True)
class Music:
    """How one episode plays its story's theme. `key` is the MIDI note of the tonic; `hook_s` how long the end holds."""

    theme: str = "north_star"
    key: int = 57
    tempo: float = 76
    lead: str = "piano"
    colour: str = "celesta"
    drive: float = 0.6
    hook_s: float = 4.0
    is_bright: bool = False


@dataclass(frozen=True)
class Note:
    """One note; times in seconds, `pan` from -1 (left) to 1."""

    player: str
    at: float
    seconds: float
    midi: int
    force: float
    pan: float = 0.0


@dataclass(frozen=True)
class Theme:
    """Chords as scale degrees (one a bar) and a melody of (beat, length in beats, degree)."""

    scale: tuple[int, ...]
    chords: tuple[int, ...]
    melody: tuple[tuple[float, float, int], ...]
    broken: tuple[int, ...]


THEMES = {
    "north_star": Theme(
        _MINOR,
        (0, 5, 2, 6, 3, 0, 5, 4),
        (
            (0, 1.5, 4),
            (1.5, 0.5, 7),
            (2, 2, 8),
            (4, 1, 7),
            (5, 1, 6),
            (6, 2, 4),
            (8, 1.5, 6),
            (9.5, 0.5, 7),
            (10, 1, 9),
            (11, 1, 8),
            (12, 3, 6),
            (16, 1, 5),
            (17, 1, 6),
            (18, 2, 7),
            (20, 1.5, 4),
            (21.5, 0.5, 3),
            (22, 2, 2),
            (24, 1, 3),
            (25, 1, 4),
            (26, 2, 7),
            (28, 4, 6),
        ),
        (0, 2, 4, 7, 4, 2, 4, 7),
    ),
    "still_water": Theme(
        _PENTATONIC,
        (0, 3, 1, 0, 2, 3, 1, 0),
        (
            (0, 2, 5),
            (2, 1, 7),
            (3, 1, 6),
            (4, 3, 5),
            (8, 1, 3),
            (9, 1, 4),
            (10, 2, 5),
            (12, 3, 3),
            (16, 1.5, 7),
            (17.5, 0.5, 8),
            (18, 2, 7),
            (20, 1, 6),
            (21, 3, 5),
            (24, 1, 6),
            (25, 1, 5),
            (26, 2, 3),
            (28, 4, 5),
        ),
        (0, 2, 3, 5, 3, 2, 3, 5),
    ),
}


def _pitch(theme: Theme, key: int, degree: int, is_bright: bool = False) -> int:
    octave, step = divmod(degree, len(theme.scale))
    tone = theme.scale[step]
    if is_bright and theme.scale is _MINOR:
        tone = (0, 2, 4, 5, 7, 9, 11)[step]
    return key + 12 * octave + tone


def compose(music: Music, seconds: float, seed: int) -> list[Note]:
    """The notes of a piece of that length."""
    theme, dice = THEMES[music.theme], random.Random(seed)
    beat = 60 / music.tempo
    hook_at = max(beat * 8, seconds - music.hook_s)
    bars = int(np.ceil(hook_at / (4 * beat)))
    tight_from = max(2, bars - max(2, bars // 3))
    notes: list[Note] = []
    for bar in range(bars):
        root = theme.chords[bar % len(theme.chords)]
        notes += _accompaniment(theme, music, dice, bar, root, beat, is_tight=bar >= tight_from)
    notes += _melody(theme, music, bars, beat, from_bar=1)
    notes = [note for note in notes if note.at < hook_at - 0.05]
    return notes + _ending(theme, music, hook_at, seconds)


def _accompaniment(theme: Theme, music: Music, dice: random.Random, bar: int, root: int, beat: float, *, is_tight: bool) -> list[Note]:
    at = bar * 4 * beat
    player = "pluck" if music.theme == "still_water" else "piano"
    notes = []
    for step, degree in enumerate(theme.broken):
        force = 0.3 + 0.12 * (step % 4 == 0) + dice.uniform(-0.04, 0.04)
        late = dice.uniform(0, 0.012)
        midi = _pitch(theme, music.key - 12, root + degree, music.is_bright)
        notes.append(Note(player, at + step * beat / 2 + late, beat * 1.6, midi, force, -0.25 + 0.07 * step))
    if bar:
        for place, degree in enumerate((0, 2, 4)):
            notes.append(
                Note(
                    "strings",
                    at,
                    4 * beat,
                    _pitch(theme, music.key, root + degree, music.is_bright) - 12 * (place == 0),
                    0.42 + 0.2 * is_tight,
                    (-0.6, 0.1, 0.6)[place],
                )
            )
        notes.append(Note("cello", at, 3.8 * beat, _pitch(theme, music.key - 24, root), 0.5, 0.15))
    if is_tight:
        for step in range(8):
            force = music.drive * (0.5 if step % 2 else 0.8)
            notes.append(Note("cello", at + step * beat / 2, beat * 0.32, _pitch(theme, music.key - 12, root + (0, 0, 4, 0)[step % 4]), force, 0.3))
        for place in (0, 2):
            notes.append(Note("thump", at + place * beat, 0.7, 33, music.drive, 0.0))
            notes.append(Note("thump", at + (place + 0.32) * beat, 0.7, 31, music.drive * 0.55, 0.0))
    return notes


def _melody(theme: Theme, music: Music, bars: int, beat: float, from_bar: int) -> list[Note]:
    notes, start = [], from_bar * 4
    length = len(theme.chords) * 4
    for round_at in range(0, bars * 4, length):
        for place, beats, degree in theme.melody:
            at = (start + round_at + place) * beat
            midi = _pitch(theme, music.key + (12 if music.lead != "cello" else -12), degree, music.is_bright)
            notes.append(Note(music.lead, at, beats * beat, midi, 0.74, 0.05))
            if beats >= 2:
                notes.append(Note(music.colour, at + beat * 0.5, beats * beat, midi + 12, 0.34, 0.45))
    return notes


def _ending(theme: Theme, music: Music, at: float, seconds: float) -> list[Note]:
    """A low swell, an unresolved chord, and the first notes of the theme once more, high and alone."""
    rest = seconds - at
    notes = [Note("low_brass", at, rest, _pitch(theme, music.key - 24, 0), 0.8), Note("thump", at, 1.2, 28, 1.0)]
    for degree, pan in ((0, -0.5), (3, 0.0), (6, 0.5)):
        notes.append(Note("strings", at, max(0.8, rest - 0.8), _pitch(theme, music.key, degree), 0.55, pan))
    for step, degree in enumerate((4, 7, 8)):
        notes.append(Note(music.colour, at + 0.5 + step * 0.42, 1.4, _pitch(theme, music.key + 12, degree), 0.62, 0.2))
    return notes


def play(notes: list[Note], seconds: float) -> np.ndarray:
    """The notes as stereo, (samples, 2) float32."""
    length = int(seconds * RATE)
    bus = np.zeros((length, 2), np.float32)
    for note in notes:
        tone = PLAYERS[note.player](note.midi, round(note.seconds, 2), round(note.force, 1))
        start = int(note.at * RATE)
        if start >= length:
            continue
        tone = tone[: length - start]
        angle = (note.pan + 1) * np.pi / 4
        bus[start : start + len(tone), 0] += tone * np.float32(np.cos(angle))
        bus[start : start + len(tone), 1] += tone * np.float32(np.sin(angle))
    return bus
