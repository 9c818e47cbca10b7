"""Captions as WebVTT sidecars, one file a language."""

from __future__ import annotations

from dataclasses import dataclass

from config.demo.film.script import Episode

_LONGEST_HOLD_S = 1.1
_GAP_S = 0.04


@dataclass(frozen=True)
class Caption:
    """One caption, times in milliseconds of the episode."""

    start_ms: int
    end_ms: int
    text: str


def list_captions(episode: Episode, language: str) -> list[Caption]:
    """Captions in order; each stays a moment after the words, but never into the next one."""
    said = [(start + line.at, line) for shot, start in zip(episode.shots, episode.starts, strict=True) for line in shot.lines]
    captions = []
    for index, (at, line) in enumerate(said):
        latest = said[index + 1][0] - _GAP_S if index + 1 < len(said) else episode.seconds - _GAP_S
        end = min(at + line.seconds + _LONGEST_HOLD_S, latest)
        captions.append(Caption(round(at * 1000), round(end * 1000), line.text(language).strip()))
    return captions


def as_webvtt(captions: list[Caption]) -> str:
    """A WebVTT file."""
    blocks = [
        f"{index}\n{_clock(caption.start_ms)} --> {_clock(caption.end_ms)}\n{caption.text}\n" for index, caption in enumerate(captions, start=1)
    ]
    return "WEBVTT\n\n" + "\n".join(blocks)


def _clock(ms: int) -> str:
    minutes, rest = divmod(ms, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
