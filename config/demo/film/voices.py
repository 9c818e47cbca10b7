"""Voices: one small neural voice (hibari-tts, Apache-2.0, inside its wheel) made into a cast.

The model answers with a pitch curve and a spectral envelope for each 12.5 ms. Pitch and envelope are moved apart from each
other before the waveform is made: a lower pitch with a longer vocal tract is a man, a thinner one an old woman. The noise
part is seeded, so the same text gives the same samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from config.demo.film.instruments import RATE, quick_size

_SEED = 5


@dataclass(frozen=True)
class Voice:
    """`pitch` scales the melody of speech, `tract` the formants (below 1 is a larger body), `pace` the speed."""

    pitch: float = 1.0
    tract: float = 1.0
    pace: float = 1.0
    lively: float = 1.0
    breath: float = 1.0
    pan: float = 0.0


VOICES = {
    "mara": Voice(pan=-0.12),
    "theo": Voice(pitch=0.55, tract=0.86, pace=0.98, lively=0.9, pan=0.12),
    "ines": Voice(pitch=0.86, tract=0.95, pace=0.88, lively=1.25, breath=1.5, pan=-0.1),
    "julian": Voice(pitch=0.64, tract=0.9, pace=1.06, lively=0.75, pan=-0.15),
    "emil": Voice(pitch=0.47, tract=0.83, pace=0.86, lively=1.1, breath=1.7, pan=0.15),
    "lan": Voice(pitch=1.06, tract=1.02, pace=0.94, pan=-0.12),
    "wei": Voice(pitch=0.58, tract=0.88, pace=0.96, pan=0.12),
    "grandma": Voice(pitch=0.82, tract=0.95, pace=0.86, lively=1.3, breath=1.6),
    "courier": Voice(pitch=1.16, tract=1.06, pace=1.06, lively=1.2, pan=0.1),
}


@lru_cache(maxsize=1)
def _speaker():  # type: ignore[no-untyped-def]
    """The model, loaded once (about 0.4 s)."""
    from hibari import Hibari

    return Hibari(threads=1)


def _stretched(envelope: np.ndarray, tract: float) -> np.ndarray:
    """The envelope (601 bins, frames) with its formants moved by `tract`."""
    bins = np.arange(envelope.shape[0])
    source = np.clip(bins / tract, 0, envelope.shape[0] - 1)
    low = source.astype(int)
    high = np.minimum(low + 1, envelope.shape[0] - 1)
    share = (source - low).astype(np.float32)[:, None]
    return envelope[low] * (1 - share) + envelope[high] * share


def _sentence(phonemes: str, voice: Voice, pace: float, dice: np.random.Generator) -> np.ndarray:
    from hibari import dsp

    speaker = _speaker()
    feed = {"ids": np.asarray([speaker.ids(phonemes)], np.int64), "speed": np.asarray([pace], np.float32)}
    harmonic, turn, noise, free, phase, pitch = (part[0] for part in speaker.sess.run(None, feed))
    voiced = pitch > 40
    middle = float(np.median(pitch[voiced])) if voiced.any() else 200.0
    moved = np.where(voiced, middle * (np.maximum(pitch, 1) / middle) ** voice.lively * voice.pitch, 0).astype(np.float32)
    if voice.tract != 1.0 or voice.pitch != 1.0:
        harmonic, noise, free = (_stretched(part, voice.tract) for part in (harmonic, noise, free))
        harmonic = harmonic + np.float32(0.5 * np.log(max(voice.pitch, 0.3)))
        free = free - np.float32(1.2)
    return dsp.synth(harmonic, turn, noise + np.float32(np.log(voice.breath)), free, phase, moved, dice)


def _resampled(tone: np.ndarray, rate: int) -> np.ndarray:
    """To the film's rate by padding the spectrum (band-limited)."""
    padded = quick_size(len(tone) // 80 + 1) * 80
    size, wanted = padded * RATE // rate, len(tone) * RATE // rate
    spectrum = np.fft.rfft(tone, padded)
    wide = np.zeros(size // 2 + 1, spectrum.dtype)
    wide[: len(spectrum)] = spectrum[: len(wide)]
    return (np.fft.irfft(wide, size)[:wanted] * (size / padded)).astype(np.float32)


def say(text: str, who: str, longest_s: float) -> np.ndarray:
    """The line as mono at the film's rate, spoken faster when it would not fit into `longest_s`."""
    from hibari import dsp

    voice, speaker = VOICES[who], _speaker()
    phonemes = speaker.phonemize(text)
    pace = voice.pace
    for _attempt in range(3):
        dice = np.random.default_rng(_SEED)
        tone = np.concatenate([_sentence(piece, voice, pace, dice) for piece in phonemes])
        tone = _trimmed(tone)
        if len(tone) / dsp.SR <= longest_s:
            break
        pace *= min(1.35, len(tone) / dsp.SR / longest_s + 0.02)
    tone = _resampled(tone, dsp.SR)
    level = float(np.sqrt(np.mean(tone[np.abs(tone) > 0.02] ** 2))) if (np.abs(tone) > 0.02).any() else 1.0
    return tone * np.float32(0.14 / max(level, 1e-4))


def _trimmed(tone: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(tone) > 0.012)
    if not len(loud):
        return tone
    return tone[max(0, loud[0] - 240) : loud[-1] + 1800]
