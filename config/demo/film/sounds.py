"""Sounds of the world: rain, rails, doors, bells. Mono float32; made of shaped noise and a few struck partials."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from config.demo.film.instruments import RATE, celesta, quick_size, thump

Maker = Callable[[float, np.random.Generator], np.ndarray]


def _noise(seconds: float, dice: np.random.Generator, shape: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """White noise coloured by `shape` (gain over frequency in Hz), at unit RMS."""
    wanted = max(64, int(seconds * RATE))
    size = quick_size(wanted)
    spectrum = np.fft.rfft(dice.standard_normal(size, dtype=np.float32))
    spectrum *= shape(np.fft.rfftfreq(size, 1 / RATE)).astype(np.float32)
    tone = np.fft.irfft(spectrum, size)[:wanted]
    return (tone / (np.std(tone) + 1e-9)).astype(np.float32)


def _band(low: float, high: float, slope: float = 2.0) -> Callable[[np.ndarray], np.ndarray]:
    def gain(frequency: np.ndarray) -> np.ndarray:
        safe = np.maximum(frequency, 1.0)
        return 1 / (1 + (low / safe) ** (2 * slope)) / (1 + (safe / high) ** (2 * slope))

    return gain


def _envelope(size: int, attack: float, decay: float) -> np.ndarray:
    t = np.arange(size) / RATE
    return (np.minimum(t / max(attack, 1e-4), 1) * np.exp(-np.maximum(t - attack, 0) / decay)).astype(np.float32)


def _edges(tone: np.ndarray, seconds: float = 0.35) -> np.ndarray:
    size = min(int(seconds * RATE), len(tone) // 2)
    ramp = np.linspace(0, 1, size, dtype=np.float32)
    tone[:size] *= ramp
    tone[-size:] *= ramp[::-1]
    return tone


def rain(seconds: float, dice: np.random.Generator) -> np.ndarray:
    """A bed of rain with drops near the ear."""
    tone = 0.05 * _noise(seconds, dice, _band(900, 7000, 1.0)) + 0.03 * _noise(seconds, dice, _band(150, 700, 1.0))
    for at in dice.integers(0, max(1, len(tone) - 900), int(26 * seconds)):
        drop = _envelope(700, 0.0006, 0.0035) * np.sin(2 * np.pi * dice.uniform(1400, 4200) * np.arange(700) / RATE).astype(np.float32)
        tone[at : at + 700] += drop[: len(tone) - at] * np.float32(dice.uniform(0.02, 0.1))
    return _edges(tone)


def rails(seconds: float, dice: np.random.Generator) -> np.ndarray:
    """Inside a running train: rumble, and the joints of the rails in pairs."""
    tone = 0.09 * _noise(seconds, dice, _band(35, 170, 1.2)) + 0.012 * _noise(seconds, dice, _band(400, 2400, 1.0))
    click = _envelope(3000, 0.002, 0.016) * _noise(3000 / RATE, dice, _band(120, 1100, 1.5))[:3000]
    at, step = 0.3, 0.98
    while at < seconds:
        for offset, force in ((0.0, 0.17), (0.15, 0.13), (0.44, 0.08), (0.58, 0.06)):
            start = int((at + offset) * RATE)
            piece = click[: max(0, len(tone) - start)]
            tone[start : start + len(piece)] += piece * np.float32(force)
        at += step
    return _edges(tone)


def wind(seconds: float, dice: np.random.Generator) -> np.ndarray:
    """Wind round a corner."""
    t = np.arange(int(seconds * RATE)) / RATE
    swell = (0.6 + 0.4 * np.sin(0.7 * t + 1)).astype(np.float32)
    return _edges(0.055 * _noise(seconds, dice, _band(180, 620, 1.6))[: len(t)] * swell)


def city(seconds: float, dice: np.random.Generator) -> np.ndarray:
    """A far city."""
    return _edges(0.03 * _noise(seconds, dice, _band(60, 420, 1.0)))


def room(seconds: float, dice: np.random.Generator) -> np.ndarray:
    """A quiet room with a clock in it."""
    tone = 0.008 * _noise(seconds, dice, _band(80, 900, 1.0))
    for beat in np.arange(0.2, seconds - 0.1, 0.5):
        tick = _tick(dice, 2600 if int(beat * 2) % 2 else 2200, 0.035)
        start = int(beat * RATE)
        tone[start : start + len(tick)] += tick[: len(tone) - start]
    return _edges(tone)


def _tick(dice: np.random.Generator, pitch: float, force: float) -> np.ndarray:
    t = np.arange(1400) / RATE
    return (np.sin(2 * np.pi * pitch * t) * np.exp(-t * 260) * force + dice.normal(0, force * 0.4, 1400) * np.exp(-t * 900)).astype(np.float32)


def tick(seconds: float, dice: np.random.Generator) -> np.ndarray:
    """A large clock, once a second."""
    tone = np.zeros(int(seconds * RATE), np.float32)
    for beat in np.arange(0.1, seconds - 0.1, 1.0):
        knock = _tick(dice, 1500, 0.22)
        tone[int(beat * RATE) :][: len(knock)] += knock[: len(tone) - int(beat * RATE)]
    return tone


def door(_seconds: float, dice: np.random.Generator) -> np.ndarray:
    """A latch, a slow hinge."""
    tone = np.zeros(int(1.7 * RATE), np.float32)
    latch = _envelope(4000, 0.001, 0.012) * _noise(4000 / RATE, dice, _band(500, 4000))[:4000]
    tone[:4000] += 0.3 * latch
    t = np.arange(int(1.2 * RATE)) / RATE
    pitch = 210 + 60 * np.sin(2.2 * t) + 18 * np.sin(41 * t)
    hinge = np.sign(np.sin(2 * np.pi * np.cumsum(pitch) / RATE)) * np.sin(np.pi * t / 1.2) ** 2 * (0.5 + 0.5 * np.sin(19 * t)) * 0.035
    tone[int(0.25 * RATE) :][: len(hinge)] += np.convolve(hinge, np.ones(14) / 14, "same").astype(np.float32)
    return tone


def slam(_seconds: float, dice: np.random.Generator) -> np.ndarray:
    """Train doors: a hiss, then the meeting of rubber and steel."""
    hiss = 0.1 * _noise(0.7, dice, _band(2000, 9000)) * _envelope(int(0.7 * RATE), 0.05, 0.3)
    hit = 0.5 * thump(36, 0.7, 0.9)[: int(0.6 * RATE)]
    tone = np.zeros(int(1.4 * RATE), np.float32)
    tone[: len(hiss)] += hiss
    tone[int(0.6 * RATE) :][: len(hit)] += hit
    return tone


def steps(_seconds: float, dice: np.random.Generator) -> np.ndarray:
    """Five steps."""
    tone = np.zeros(int(2.6 * RATE), np.float32)
    for step in range(5):
        hit = _envelope(5000, 0.002, 0.03) * _noise(5000 / RATE, dice, _band(90, 900))[:5000] * np.float32(0.16 + 0.03 * (step % 2))
        start = int((0.05 + step * 0.5) * RATE)
        tone[start : start + 5000] += hit
    return tone


def chime(_seconds: float, _dice: np.random.Generator) -> np.ndarray:
    """The star catches the light."""
    tone = np.zeros(int(2.6 * RATE), np.float32)
    for step, midi in enumerate((88, 95, 100)):
        bell = celesta(midi, 1.4, 0.6)
        start = int(step * 0.09 * RATE)
        tone[start : start + len(bell)] += bell[: len(tone) - start] * np.float32(0.7)
    return tone


def bell(_seconds: float, _dice: np.random.Generator) -> np.ndarray:
    """A shop's door bell."""
    tone = np.zeros(int(1.8 * RATE), np.float32)
    for at, midi in ((0, 91), (0.16, 95), (0.3, 91), (0.42, 95)):
        ring = celesta(midi, 1.0, 0.6)
        tone[int(at * RATE) :][: len(ring)] += ring[: len(tone) - int(at * RATE)] * np.float32(0.5)
    return tone


def horn(_seconds: float, dice: np.random.Generator) -> np.ndarray:
    """A train's horn far away."""
    t = np.arange(int(2.2 * RATE)) / RATE
    tone = (
        sum(np.sin(2 * np.pi * f * t + dice.uniform(0, 6)) + 0.4 * np.sin(4 * np.pi * f * t) for f in (311, 370, 466))
        * np.sin(np.pi * t / 2.2) ** 0.6
    )
    return (tone * 0.05).astype(np.float32)


def buzz(_seconds: float, _dice: np.random.Generator) -> np.ndarray:
    """A phone on a table, twice."""
    t = np.arange(int(1.5 * RATE)) / RATE
    gate = ((t % 0.75) < 0.42).astype(float)
    return (np.sign(np.sin(2 * np.pi * 158 * t)) * 0.05 * np.convolve(gate, np.ones(400) / 400, "same")).astype(np.float32)


def switch(_seconds: float, dice: np.random.Generator) -> np.ndarray:
    """A lamp is switched on and hums for a moment."""
    t = np.arange(int(1.2 * RATE)) / RATE
    tone = (np.sin(2 * np.pi * 100 * t) * 0.02 * np.exp(-t * 3)).astype(np.float32)
    tone[:1400] += _tick(dice, 1900, 0.4)
    return tone


def pour(_seconds: float, dice: np.random.Generator) -> np.ndarray:
    """Tea poured into a cup, the note rising as it fills."""
    seconds = 2.4
    t = np.arange(int(seconds * RATE)) / RATE
    tone = 0.04 * _noise(seconds, dice, _band(500, 3000, 1.0))[: len(t)]
    for _ in range(90):
        at = dice.uniform(0, seconds - 0.1)
        pitch = 500 + 420 * at / seconds + dice.uniform(-90, 160)
        blip = (np.sin(2 * np.pi * pitch * np.arange(2200) / RATE * (1 + 0.00006 * np.arange(2200))) * np.exp(-np.arange(2200) / 520) * 0.07).astype(
            np.float32
        )
        tone[int(at * RATE) :][:2200] += blip
    return _edges(tone, 0.25)


def heart(seconds: float, _dice: np.random.Generator) -> np.ndarray:
    """A heart, a little fast."""
    tone = np.zeros(int(seconds * RATE), np.float32)
    for beat in np.arange(0.1, seconds - 0.8, 0.78):
        for offset, force in ((0, 0.9), (0.2, 0.6)):
            hit = thump(30, 0.7, force)[: int(0.5 * RATE)]
            start = int((beat + offset) * RATE)
            tone[start : start + len(hit)] += hit[: max(0, len(tone) - start)] * np.float32(0.8)
    return tone


def rise(seconds: float, dice: np.random.Generator) -> np.ndarray:
    """Air drawn in before a turn of the story."""
    size = int(seconds * RATE)
    ramp = (np.linspace(0, 1, size) ** 2.6).astype(np.float32)
    return 0.16 * _noise(seconds, dice, _band(500, 5000, 1.0))[:size] * ramp


def hush(_seconds: float, _dice: np.random.Generator) -> np.ndarray:
    """The power fails: a falling hum."""
    t = np.arange(int(0.9 * RATE)) / RATE
    pitch = 190 * np.exp(-t * 2.6)
    return (np.sin(2 * np.pi * np.cumsum(pitch) / RATE) * 0.3 * np.exp(-t * 3.2)).astype(np.float32)


BEDS: dict[str, Maker] = {"rain": rain, "rails": rails, "wind": wind, "city": city, "room": room, "tick": tick, "heart": heart}
HITS: dict[str, Maker] = {
    "door": door,
    "slam": slam,
    "steps": steps,
    "chime": chime,
    "bell": bell,
    "horn": horn,
    "buzz": buzz,
    "switch": switch,
    "pour": pour,
    "rise": rise,
    "hush": hush,
}
