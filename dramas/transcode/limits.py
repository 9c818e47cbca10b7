"""What an upload may be, and how much of the machine a media process may take. Pure: no Django, no I/O."""

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024
GIBIBYTE = 1024 * MEBIBYTE


@dataclass(frozen=True)
class SourceLimits:
    """The widest source we take. A season's pacing profile is narrower and only warns."""

    max_bytes: int = 4 * GIBIBYTE
    min_duration_ms: int = 500
    max_duration_ms: int = 900_000
    max_pixels: int = 4096 * 2304  # one picture: "4K" of either kind, lying or standing
    max_frames_per_second: int = 240


@dataclass(frozen=True)
class ProcessLimits:
    """Bounds of one media process. A breach kills that process, never the worker.

    `max_memory_bytes` bounds address space, which for ffmpeg with two threads a rendition is about four times what is resident
    (535 MB for the 1080p ladder).
    """

    wall_s: float
    cpu_s: int
    max_memory_bytes: int = 6 * GIBIBYTE
    max_file_bytes: int = 4 * GIBIBYTE
    nice: int = 10


def limits_for(media_s: float) -> ProcessLimits:
    """Bounds for work on `media_s` seconds of media: twenty times its length, and a minute for a start on a busy machine."""
    wall_s = 60.0 + 20.0 * media_s
    return ProcessLimits(wall_s=wall_s, cpu_s=int(4 * wall_s))
