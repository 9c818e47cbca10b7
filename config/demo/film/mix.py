"""The mix: music under voices, a room around both, and a loudness that a phone's viewer expects.

Loudness follows ITU-R BS.1770-4: K-weighting, 400 ms blocks, gates at -70 LUFS and 10 LU below the mean.
"""

from __future__ import annotations

import wave
from functools import lru_cache
from pathlib import Path

import numpy as np

from config.demo.film.instruments import RATE, quick_size

TARGET_LUFS = -16.0
CEILING = 10 ** (-1.5 / 20)


def reverb(send: np.ndarray, seconds: float, dark_hz: float, seed: int) -> np.ndarray:
    """A hall made of decaying noise, different in each ear. Mono in, (samples, 2) out."""
    size = int(seconds * RATE)
    dice = np.random.default_rng(seed)
    fall = np.exp(-np.arange(size) / RATE * 6.2 / seconds).astype(np.float32)
    fall[: int(0.012 * RATE)] = 0
    length = quick_size(len(send) + size)
    dimmer = (1 / (1 + (np.fft.rfftfreq(length, 1 / RATE) / dark_hz) ** 2)).astype(np.float32)
    sent = np.fft.rfft(send, length) * dimmer
    wet = np.empty((len(send), 2), np.float32)
    for ear in range(2):
        tail = dice.standard_normal(size, dtype=np.float32) * fall
        tail *= np.float32(2.0 / np.sqrt(np.sum(tail**2)))
        wet[:, ear] = np.fft.irfft(sent * np.fft.rfft(tail, length), length)[: len(send)]
    return wet


def ducked(music: np.ndarray, speech: np.ndarray, depth_db: float = -8.0) -> np.ndarray:
    """The music made quieter while somebody speaks; 120 ms down, 500 ms back."""
    step = RATE // 100
    blocks = len(speech) // step
    loud = np.abs(speech[: blocks * step]).reshape(blocks, -1).max(axis=1) > 0.02
    level, gains = 1.0, np.empty(blocks)
    low = 10 ** (depth_db / 20)
    for index, is_loud in enumerate(loud):
        level += ((low if is_loud else 1.0) - level) * (0.12 if is_loud else 0.025)
        gains[index] = level
    smooth = np.interp(np.arange(len(music)), np.arange(blocks) * step, gains).astype(np.float32)
    return music * smooth[:, None]


@lru_cache(maxsize=2)
def _k_weighting(length: int) -> np.ndarray:
    """Magnitude, over the frequencies of an FFT of that length, of the two BS.1770 filters (shelf near 1.7 kHz of +4 dB, high pass near 38 Hz)."""
    w = np.maximum(np.fft.rfftfreq(length, 1 / RATE), 1e-3)
    s = 1j * w / 1681.97
    gain, q = 10 ** (3.99984 / 20), 0.70717
    shelf = (gain * s**2 + np.sqrt(gain) / q * s + 1) / (s**2 + s / q + 1)
    p = 1j * w / 38.135
    return np.abs(shelf * p**2 / (p**2 + p / 0.50033 + 1)).astype(np.float32)


def loudness(stereo: np.ndarray) -> float:
    """Integrated loudness in LUFS of (samples, 2)."""
    size = len(stereo)
    length = quick_size(size)
    weight = _k_weighting(length)
    heard = [np.fft.irfft(np.fft.rfft(stereo[:, ear], length) * weight, length)[:size] for ear in range(2)]
    energy = np.concatenate([[0.0], np.cumsum(heard[0] ** 2 + heard[1] ** 2, dtype=np.float64)])
    block, hop = int(0.4 * RATE), int(0.1 * RATE)
    starts = np.arange(0, max(1, size - block), hop)
    power = (energy[np.minimum(starts + block, size)] - energy[starts]) / block
    power = power[power > 10 ** ((-70 + 0.691) / 10)]
    if not len(power):
        return -70.0
    gate = 10 * np.log10(power.mean()) - 10
    return float(-0.691 + 10 * np.log10(power[10 * np.log10(power) > gate].mean()))


def limited(stereo: np.ndarray) -> np.ndarray:
    """Peaks held under -1.5 dB by a gain that looks 5 ms ahead."""
    step = RATE // 200
    blocks = int(np.ceil(len(stereo) / step))
    padded = np.zeros((blocks * step, 2), np.float32)
    padded[: len(stereo)] = stereo
    peak = np.abs(padded).reshape(blocks, -1).max(axis=1)
    need = np.minimum(1.0, CEILING / np.maximum(peak, 1e-6))
    widened = np.minimum.reduce([np.roll(need, shift) for shift in (-2, -1, 0, 1, 2)])
    smooth = np.minimum(np.convolve(np.pad(widened, 3, mode="edge"), np.ones(7) / 7, "valid"), widened)
    gain = np.interp(np.arange(len(stereo)), np.arange(blocks) * step + step / 2, smooth).astype(np.float32)
    return np.clip(stereo * gain[:, None], -CEILING, CEILING)


def mastered(stereo: np.ndarray) -> np.ndarray:
    """At the target loudness, with a short fade at both ends."""
    for _pass in range(2):
        stereo = limited(stereo * np.float32(10 ** ((TARGET_LUFS - loudness(stereo)) / 20)))
    edge = int(0.03 * RATE)
    ramp = np.linspace(0, 1, edge, dtype=np.float32)[:, None]
    stereo[:edge] *= ramp
    stereo[-edge * 6 :] *= np.linspace(1, 0, edge * 6, dtype=np.float32)[:, None]
    return stereo


def write_wav(stereo: np.ndarray, path: Path) -> None:
    """16-bit stereo."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((stereo * 32767).astype("<i2").tobytes())
