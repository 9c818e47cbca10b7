"""Instruments: one note in, one mono array out. Additive, so that every partial can fade at its own pace."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

RATE = 44_100


def hertz(midi: float) -> float:
    """Frequency of a MIDI note number (69 is 440 Hz)."""
    return 440.0 * 2 ** ((midi - 69) / 12)


def quick_size(size: int) -> int:
    """The next length at which an FFT is fast: 2^a 3^b 5^c."""
    best = 1 << (size - 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            best = min(best, three << max(0, (-(-size // three) - 1).bit_length()))
            three *= 3
        five *= 5
    return best


def _time(seconds: float) -> np.ndarray:
    return np.arange(int(seconds * RATE), dtype=np.float64) / RATE


def _sine(cycles: np.ndarray) -> np.ndarray:
    """Sine of a phase in cycles; wrapped first, since 32-bit sines of large angles hiss (floor: `%` is five times slower)."""
    wrapped = (cycles - np.floor(cycles)).astype(np.float32)
    return np.sin(wrapped * np.float32(2 * np.pi))


def _fade(tone: np.ndarray, attack: float, release: float) -> np.ndarray:
    size_in, size_out = max(1, int(attack * RATE)), max(1, int(release * RATE))
    size_in, size_out = min(size_in, len(tone)), min(size_out, len(tone))
    tone[:size_in] *= np.linspace(0, 1, size_in, dtype=np.float32) ** 1.5
    tone[-size_out:] *= np.linspace(1, 0, size_out, dtype=np.float32)
    return tone


@lru_cache(maxsize=128)
def piano(midi: int, seconds: float, force: float = 0.7) -> np.ndarray:
    """A felt piano: soft hammer, slightly stretched partials, two strings a hair apart."""
    base, t = hertz(midi), _time(min(seconds + 0.9, 4.5))
    tone = np.zeros(len(t), np.float32)
    for n in range(1, 10):
        partial = base * n * np.sqrt(1 + 0.00042 * n * n)
        if partial > 9000:
            break
        weight = np.exp(-0.62 * (n - 1) * (1.55 - force)) / n**0.35
        decay = np.exp(-t * (0.55 + 0.55 * n) * (base / 262) ** 0.35).astype(np.float32)
        tone += np.float32(weight) * decay * (_sine(partial * t) + _sine(partial * 1.0011 * t + 0.21 * n)) * np.float32(0.5)
    knock = np.random.default_rng(midi).normal(0, 1, 900).astype(np.float32) * np.exp(-np.arange(900) / 120).astype(np.float32)
    tone[:900] += np.convolve(knock, np.ones(24) / 24, "same").astype(np.float32) * 0.25
    return _fade(tone * np.float32(force * 0.34), 0.004, 0.35)


@lru_cache(maxsize=96)
def strings(midi: int, seconds: float, force: float = 0.6, attack: float = 0.5) -> np.ndarray:
    """A small string section: three detuned players with slow vibrato."""
    base, t = hertz(midi), _time(seconds + 0.6)
    tone = np.zeros(len(t), np.float32)
    for player, (detune, rate) in enumerate(((-0.0016, 5.1), (0.0, 5.6), (0.0019, 4.7))):
        wobble = 0.0024 * np.sin(2 * np.pi * rate * t + player) * np.minimum(t / 0.9, 1)
        cycles = np.cumsum(base * (1 + detune + wobble)) / RATE
        for n in range(1, 9):
            if base * n > 7000:
                break
            tone += np.float32(1 / n**1.45) * _sine(cycles * n + 0.13 * n * player)
    return _fade(tone * np.float32(0.075 * force), attack, 0.6)


@lru_cache(maxsize=96)
def cello(midi: int, seconds: float, force: float = 0.7) -> np.ndarray:
    """One dark bowed voice with the bow's breath."""
    base, t = hertz(midi), _time(seconds + 0.3)
    cycles = np.cumsum(base * (1 + 0.0034 * np.sin(2 * np.pi * 5.3 * t) * np.minimum(t / 0.6, 1))) / RATE
    tone = np.zeros(len(t), np.float32)
    for n, weight in enumerate((1, 0.8, 0.62, 0.34, 0.3, 0.2, 0.1, 0.08), start=1):
        tone += np.float32(weight) * _sine(cycles * n)
    breath = np.convolve(np.random.default_rng(midi + 7).normal(0, 0.05, len(t)), np.ones(6) / 6, "same")
    return _fade((tone + breath.astype(np.float32)) * np.float32(0.12 * force), 0.11, 0.3)


@lru_cache(maxsize=96)
def celesta(midi: int, seconds: float, force: float = 0.6) -> np.ndarray:
    """A small bell: the star's voice."""
    base, t = hertz(midi), _time(min(seconds + 1.6, 3.0))
    tone = np.zeros(len(t), np.float32)
    for ratio, weight, decay in ((1, 1, 1.7), (2.0, 0.22, 2.6), (3.98, 0.34, 4.2), (6.7, 0.1, 8), (10.1, 0.05, 14)):
        if base * ratio < 15_000:
            tone += np.float32(weight) * np.exp(-t * decay).astype(np.float32) * _sine(base * ratio * t)
    return _fade(tone * np.float32(0.2 * force), 0.002, 0.4)


@lru_cache(maxsize=96)
def pluck(midi: int, seconds: float, force: float = 0.7) -> np.ndarray:
    """A plucked silk string whose pitch settles from slightly above, as on a zither."""
    base, t = hertz(midi), _time(min(seconds + 1.3, 3.2))
    cycles = np.cumsum(base * (1 + 0.006 * np.exp(-t * 18) + 0.0022 * np.sin(2 * np.pi * 5 * t) * np.minimum(t, 0.6))) / RATE
    tone = np.zeros(len(t), np.float32)
    for n in range(1, 13):
        if base * n > 10_000:
            break
        weight = abs(np.sin(np.pi * n * 0.19)) / n**0.75
        tone += np.float32(weight) * np.exp(-t * (1.3 + 0.75 * n)).astype(np.float32) * _sine(cycles * n)
    return _fade(tone * np.float32(0.3 * force), 0.002, 0.3)


@lru_cache(maxsize=64)
def flute(midi: int, seconds: float, force: float = 0.6) -> np.ndarray:
    """A bamboo flute with air in it."""
    base, t = hertz(midi), _time(seconds + 0.2)
    swell = 1 + 0.12 * np.sin(2 * np.pi * 4.8 * t) * np.minimum(t / 0.7, 1)
    cycles = np.cumsum(base * (1 + 0.003 * np.sin(2 * np.pi * 4.8 * t) * np.minimum(t / 0.7, 1) - 0.012 * np.exp(-t * 16))) / RATE
    tone = _sine(cycles) + np.float32(0.34) * _sine(cycles * 2) + np.float32(0.12) * _sine(cycles * 3)
    air = np.convolve(np.random.default_rng(midi).normal(0, 0.22, len(t)), np.ones(4) / 4, "same")
    return _fade(((tone + air) * swell).astype(np.float32) * np.float32(0.15 * force), 0.09, 0.2)


@lru_cache(maxsize=16)
def thump(midi: int, seconds: float, force: float = 0.8) -> np.ndarray:
    """A soft low drum that falls in pitch."""
    t = _time(max(seconds, 0.7))
    cycles = np.cumsum(hertz(midi) * (1 + 1.4 * np.exp(-t * 28))) / RATE
    return _fade((_sine(cycles) * np.exp(-t * 6.5)).astype(np.float32) * np.float32(0.6 * force), 0.003, 0.1)


@lru_cache(maxsize=16)
def low_brass(midi: int, seconds: float, force: float = 0.8) -> np.ndarray:
    """A dark swell under the last moment of an episode."""
    base, t = hertz(midi), _time(seconds)
    tone = np.zeros(len(t), np.float32)
    for detune in (-0.004, 0.0, 0.005):
        for n in range(1, 12):
            open_up = np.exp(-0.5 * np.maximum(n - 2 - 9 * np.minimum(t / (seconds * 0.5), 1), 0)).astype(np.float32)
            tone += np.float32(1 / n) * open_up * _sine(base * (1 + detune) * n * t)
    return _fade(tone * np.float32(0.07 * force), 0.25, seconds * 0.55)


PLAYERS = {
    "piano": piano,
    "strings": strings,
    "cello": cello,
    "celesta": celesta,
    "pluck": pluck,
    "flute": flute,
    "thump": thump,
    "low_brass": low_brass,
}
