"""The probe in a process of its own: a demuxer that a crafted file crashes or starves takes nothing of ours along.

Speaks JSON on standard output: {"probe": {…}} or {"refusal": code, "figures": {…}}.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dramas.transcode.limits import GIBIBYTE, ProcessLimits, SourceLimits
from dramas.transcode.probe import Probe, probe_file
from dramas.transcode.process import Line, ProcessFailed, run_confined
from dramas.transcode.refusal import Refusal

PROBE_LIMITS = ProcessLimits(wall_s=90.0, cpu_s=60, max_memory_bytes=3 * GIBIBYTE, max_file_bytes=1, nice=5)
PROJECT = Path(__file__).resolve().parents[2]


def probe_confined(path: Path, limits: SourceLimits | None = None) -> Probe:
    """`probe_file`, confined.

    Raises: Refusal; "unreadable" also when the demuxer crashed or ran out of its time or memory.
    """
    written: list[str] = []

    def keep(line: Line) -> None:
        if line.stream == "out":
            written.append(line.text)

    code = f"import sys; sys.path.insert(0, {str(PROJECT)!r}); from dramas.transcode.confined_probe import main; main()"
    asked = json.dumps({"path": str(path.resolve()), "limits": asdict(limits or SourceLimits())})
    try:
        run_confined([sys.executable, "-c", code, asked], PROBE_LIMITS, on_line=keep)
    except ProcessFailed as failure:
        raise Refusal("unreadable") from failure
    answer = json.loads("".join(written))
    if "refusal" in answer:
        raise Refusal(answer["refusal"], **answer["figures"])
    return Probe(**answer["probe"])


def main() -> None:
    asked = json.loads(sys.argv[-1])
    answer: dict[str, Any]
    try:
        answer = {"probe": probe_file(Path(asked["path"]), SourceLimits(**asked["limits"])).as_json()}
    except Refusal as refusal:
        answer = {"refusal": refusal.code, "figures": refusal.figures}
    json.dump(answer, sys.stdout)
