"""ffmpeg's command lines, hardened, and nothing else about media.

What each guard is for, with the experiment behind it (18 odd and 12 hostile inputs):

- `-nostdin`: a worker's terminal is not a remote control.
- `-f mov|matroska` on the input: a playlist renamed `.mp4` made ffmpeg 5.1 read another merchant's file; a protocol list alone did not help.
- `-protocol_whitelist file`, `-codec_whitelist`, `-enable_drefs 0`: no addresses, only decoders we know, no tracks in other files.
- `-map 0:V:0`: `0:v` picks cover art.
- `-max_error_rate`: a damaged file ends with exit code 0 and missing frames otherwise.
- memory, time, file size, priority, network, death with the parent: `confine.py`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

from dramas.transcode.limits import ProcessLimits
from dramas.transcode.plan import Plan, Rung, Unit
from dramas.transcode.probe import Probe, demuxer_options
from dramas.transcode.process import Line, ProcessFailed, run_confined
from dramas.transcode.refusal import Refusal

PRESET = "veryfast"  # "faster" costs 57 % more processor time for 3 VMAF and 14 % more bits
# One a rendition: x264 with a bitrate cap and several threads gave other bytes in 1 of 12 runs on a busy machine, and a resumed job
# must end with the bytes it would have had. Decoding, scaling and each rendition still run beside each other.
THREADS = 1
MAX_ERROR_RATE = "0.05"
TOO_MANY_ERRORS = 69  # ffmpeg's exit code for a breach of -max_error_rate
AUDIO_RATE = 48_000
AUDIO_KBIT = 128
LOUDNESS_LUFS = -16.0
TRUE_PEAK_DBTP = -1.5
LOUDNESS_RANGE_LU = 11.0


SUMMARY = re.compile(
    r"Summary:\s+Integrated loudness:\s+I:\s+(?P<integrated>\S+) LUFS\s+Threshold:\s+(?P<threshold>\S+) LUFS"
    r".+?LRA:\s+(?P<range_lu>\S+) LU.+?Peak:\s+(?P<true_peak>\S+) dBFS",
    re.DOTALL,
)


@dataclass(frozen=True)
class Loudness:
    """What pass one measured, to a tenth: LUFS, LUFS, LU, dBTP."""

    integrated: float
    threshold: float
    range_lu: float
    true_peak: float

    @classmethod
    def read(cls, stderr: str) -> "Loudness":
        """From the summary of ebur128; its "-inf" is float's. Raises: ValueError when there is none."""
        found = SUMMARY.search(stderr)
        if found is None:
            raise ValueError("no summary of the loudness")
        return cls(**{name: float(value) for name, value in found.groupdict().items()})

    @property
    def is_silence(self) -> bool:
        """Below the absolute gate of EBU R 128 there is nothing to bring up but noise."""
        return not self.integrated > -70.0


@dataclass(frozen=True)
class Ffmpeg:
    """A program and the source it works on."""

    program: str
    source: Path
    probe: Probe

    def run(self, arguments: Sequence[str], limits: ProcessLimits, on_frames: Callable[[int], None] | None = None) -> str:
        """Run to the end and return the end of stderr. `on_frames` gets the frames written so far, at least every half second.

        Raises: Refusal("damaged") when too much of the source cannot be decoded; ProcessFailed, ProcessTimedOut.
        """
        written = 0

        def read(line: Line) -> None:
            nonlocal written
            if line.stream == "out" and line.text.startswith("frame="):
                written = int(line.text[6:].strip() or 0)

        def tick() -> None:
            if on_frames is not None:
                on_frames(written)

        command = [self.program, "-y", "-hide_banner", "-nostdin", "-nostats", "-progress", "pipe:1", *arguments]
        try:
            return run_confined(command, limits, on_line=read, on_tick=tick)
        except ProcessFailed as failure:
            if failure.exit_code == TOO_MANY_ERRORS:
                raise Refusal("damaged") from failure
            raise

    def input(self, *before: str) -> list[str]:
        """The source as an input, with everything it may not do switched off."""
        options = [part for name, value in demuxer_options(self.probe.container).items() for part in (f"-{name}", value)]
        return [*options, "-max_error_rate", MAX_ERROR_RATE, *before, "-f", self.probe.container, "-i", f"file:{self.source}"]


def unit_arguments(ffmpeg: Ffmpeg, plan: Plan, unit: Unit, outputs: dict[Rung, Path]) -> list[str]:
    """One decode of the unit's chunk into all its renditions; video only, one MP4 a rendition."""
    lead = lead_in_frames(ffmpeg.probe, plan, unit)
    start_s = (unit.chunk.first_frame - lead) / plan.frame_rate
    seek = ["-ss", f"{float(start_s):.6f}"] if start_s else []
    arguments = ["-v", "error", *ffmpeg.input(*seek), "-filter_complex", video_graph(ffmpeg.probe, plan, unit, lead)]
    for number, rung in enumerate(unit.rungs):
        arguments += ["-map", f"[v{number}]", *encoder_arguments(plan, rung), f"file:{outputs[rung]}"]
    return arguments


def lead_in_frames(probe: Probe, plan: Plan, unit: Unit) -> int:
    """Frames decoded ahead of the chunk and thrown away, so that the picture which still stands at its start is known.

    Seeking drops what began before the target; in a source of uneven rate that may be seconds ago.
    """
    lead_s = 8 if probe.has_variable_rate else 1
    return min(unit.chunk.first_frame, round(lead_s * plan.frame_rate))


def video_graph(probe: Probe, plan: Plan, unit: Unit, lead: int) -> str:
    """Filters: constant rate, the chunk's frames and no other, upright square pixels, SDR, one branch a rendition.

    Stamps are moved by a quarter of a frame first: halving 60 to 30 would otherwise round ties now up, now down.
    """
    rate, chunk = plan.frame_rate, unit.chunk
    steps = [f"setpts=PTS-{rate.denominator}/({4 * rate.numerator}*TB)", f"fps={rate.numerator}/{rate.denominator}:start_time=0"]
    if unit.is_last:
        grace = round(rate) if probe.has_variable_rate else 4
        steps.append(f"tpad=stop={grace}:stop_mode=clone")
    steps += [f"trim=start_frame={lead}:end_frame={lead + chunk.frames}", "setpts=PTS-STARTPTS"]
    if probe.is_interlaced:
        steps.insert(0, "yadif=deint=interlaced")
    if probe.is_hdr:
        top = plan.rungs[0]
        steps += [
            f"scale={top.width}:{top.height}",
            "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv",
        ]
    branches = [f"[s{number}]scale={rung.width}:{rung.height},setsar=1,format=yuv420p[v{number}]" for number, rung in enumerate(unit.rungs)]
    fan = f"split={len(unit.rungs)}" + "".join(f"[s{number}]" for number in range(len(unit.rungs)))
    return f"[0:V:0]{','.join(steps)},{fan};" + ";".join(branches)


def encoder_arguments(plan: Plan, rung: Rung) -> list[str]:
    """H.264 High with a key frame every two seconds and nowhere else; stamps in exact fractions of a frame."""
    gop = str(plan.gop_frames)
    return [
        *("-c:v", "libx264", "-preset", PRESET, "-profile:v", "high", "-threads", str(THREADS)),
        *("-crf", str(rung.crf), "-maxrate", f"{rung.max_kbit}k", "-bufsize", f"{2 * rung.max_kbit}k"),
        *("-g", gop, "-keyint_min", gop, "-sc_threshold", "0", "-flags", "+cgop+bitexact"),
        *("-video_track_timescale", str(timescale(plan.frame_rate)), "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"),
        *("-f", "mp4"),
    ]


def timescale(rate: Fraction) -> int:
    """Ticks a second, at least 10,000, of which one frame takes a whole number."""
    return rate.numerator * ceil(10_000 / rate.numerator)


def measure_arguments(source: Sequence[str]) -> list[str]:
    """EBU R 128 figures of an input at the end of stderr. By ebur128: loudnorm, which also tries out what it would do, takes ten times as long."""
    return ["-v", "info", *source, "-map", "0:a:0", "-af", f"{SOUND_AS_HEARD},ebur128=peak=true:framelog=quiet", "-f", "null", "-"]


def sound_arguments(ffmpeg: Ffmpeg, plan: Plan, loudness: Loudness | None, output: Path, *, offset_lu: float = 0.0) -> list[str]:
    """Pass two: the sound track every rendition shares, exactly as long as the picture; silence where there is none.

    One-pass loudnorm left AAC at 96 kHz and 0.7 dBTP; two passes and a resample to 48 kHz hold both. Peaks that would rise too high are
    pressed down, and with them the whole: `offset_lu` makes up for it.
    """
    length = f"{float(plan.frames / plan.frame_rate):.6f}"
    if loudness is None:
        source, chain = ["-f", "lavfi", "-i", f"anullsrc=r={AUDIO_RATE}:cl=stereo"], "anull"
    else:
        source, chain = ffmpeg.input(), SOUND_AS_HEARD + ("" if loudness.is_silence else f",{_normalise(loudness, offset_lu)}")
    return [
        *("-v", "error", *source, "-map", "0:a:0", "-af", f"{chain},aresample={AUDIO_RATE},apad", "-t", length),
        *("-c:a", "aac", "-b:a", f"{AUDIO_KBIT}k", "-ac", "2", "-flags", "+bitexact", "-fflags", "+bitexact"),
        *("-map_metadata", "-1", "-map_chapters", "-1", "-f", "mp4", f"file:{output}"),
    ]


SOUND_AS_HEARD = f"aresample=async=1:first_pts=0,aformat=channel_layouts=stereo:sample_rates={AUDIO_RATE}"


def _normalise(measured: Loudness, offset_lu: float) -> str:
    """The measured range is asked for when it is wider than ours: otherwise loudnorm leaves its linear mode and pumps."""
    range_lu = min(50.0, max(LOUDNESS_RANGE_LU, measured.range_lu))
    return (
        f"loudnorm=I={LOUDNESS_LUFS}:TP={TRUE_PEAK_DBTP}:LRA={range_lu}:linear=true:measured_I={measured.integrated}"
        f":measured_TP={measured.true_peak}:measured_LRA={measured.range_lu}:measured_thresh={measured.threshold}:offset={offset_lu:.2f}"
    )
