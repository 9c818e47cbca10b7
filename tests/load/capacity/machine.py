"""What the machine is, and what its processes take: read from the kernel, for a process and all that it started."""

import os
import platform as this_machine
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.load.fanout_client import cpu_s


def describe() -> dict[str, str]:
    """For whoever compares two reports."""
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    memory_kb = int(Path("/proc/meminfo").read_text().split()[1])
    return {
        "Processor": model or this_machine.processor() or this_machine.machine(),
        "Cores": str(os.cpu_count()),
        "Memory": f"{memory_kb / 1024 / 1024:.1f} GB",
        "Kernel": f"{this_machine.system()} {this_machine.release()}",
        "Python": this_machine.python_version(),
    }


def family(pid: int) -> Iterator[int]:
    """The process and everybody it started. Who ends meanwhile is left out."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = (thread / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child))


def children_named(pid: int) -> dict[str, int]:
    """The process's own children by their programs' names."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found[Path(f"/proc/{child}/comm").read_text().strip()] = int(child)
    return found


def family_cpu_s(pid: int) -> float:
    return sum(_or_nothing(cpu_s, member) for member in family(pid))


def family_mb(pid: int) -> float:
    """Memory that several share is divided among them."""
    return sum(_or_nothing(_proportional_kb, member) for member in family(pid)) / 1024


def machine_cpu_s() -> tuple[float, float]:
    """(worked, all) seconds of all cores since the machine began."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    hertz = os.sysconf("SC_CLK_TCK")
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / hertz, sum(fields) / hertz


def _proportional_kb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return float(next(line for line in lines if line.startswith("Pss:")).split()[1])


def _or_nothing(read: Callable[[int], float], pid: int) -> float:
    try:
        return read(pid)
    except (OSError, StopIteration):  # it has ended
        return 0.0
