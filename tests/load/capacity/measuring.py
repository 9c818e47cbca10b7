"""One rung: the whole platform on air, and so many made-up viewers at its public doors."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from config.install import ROOT
from tests.browser.platform import Platform, start_platform
from tests.browser.support import Show, put_on_air
from tests.load.capacity.climbing import Rung
from tests.load.capacity.machine import children_named, family_cpu_s, family_mb, machine_cpu_s
from tests.load.fanout_client import CannotMeasure

ARRIVALS_S, LASTS_S, REST_S = 45, 75, 4
GRACE_S = 90
REQUESTS = 500
_STOCK = """
from commerce.stock.actions import set_stock
from commerce.stock.models import Level
from merchants.foundation.tenancy import in_schema
with in_schema("aurora"):
    for variant_id in list(Level.objects.values_list("variant_id", flat=True)):
        set_stock(variant_id=variant_id, available=1_000_000, reason="delivery", actor="load")
"""


@contextmanager
def evening() -> Iterator[tuple[Platform, Show]]:
    """A room that loops two episodes of a minute, with a card in each, and enough of everything to sell."""
    with tempfile.TemporaryDirectory() as folder:
        platform = start_platform(Path(folder), "bench_capacity")
        try:
            platform.spawn("events", [sys.executable, "manage.py", "events"])
            show = put_on_air(platform, "evening", seconds=60)
            platform.run(_STOCK)
            yield platform, show
        finally:
            platform.stop()


def measure(platform: Platform, show: Show, viewers: int) -> Rung:
    """Needs: what the last rung left behind has been worked off; waits a little for that."""
    time.sleep(REST_S)
    pids = {name: process.pid for name, process in platform.processes.items()} | children_named(os.getppid())
    pids = {name: pid for name, pid in pids.items() if pid != os.getpid()}
    before = {name: family_cpu_s(pid) for name, pid in pids.items()}
    began, (worked, all_), own = time.monotonic(), machine_cpu_s(), _children_cpu_s()
    report, memory = _simulate(platform, show, viewers, pids)
    lasted = time.monotonic() - began
    cpu = {name: (family_cpu_s(pid) - before[name]) / lasted for name, pid in pids.items()}
    cpu["simulator"] = (_children_cpu_s() - own) / lasted
    worked_now, all_now = machine_cpu_s()
    return Rung(viewers, report, cpu, (worked_now - worked) / max(1e-9, all_now - all_), memory)


def _simulate(platform: Platform, show: Show, viewers: int, pids: dict[str, int]) -> tuple[dict[str, object], dict[str, float]]:
    """The report, and memory while everybody is there."""
    command = [sys.executable, "manage.py", "simulate_viewers", platform.url("", "aurora"), show.slug, "--viewers", str(viewers)]
    command += ["--arrivals", str(ARRIVALS_S), "--duration", str(LASTS_S), "--requests", str(REQUESTS), "--seed", str(viewers)]
    process = subprocess.Popen(command, cwd=ROOT, env=platform.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        with suppress(subprocess.TimeoutExpired):  # all have come, unless the audience could not
            process.communicate(timeout=ARRIVALS_S)
        memory = {name: family_mb(pid) for name, pid in pids.items()}
        output, errors = process.communicate(timeout=LASTS_S + GRACE_S)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise CannotMeasure(f"the audience could not come: {errors[-1000:]}")
    return json.loads(output), memory


def _children_cpu_s() -> float:
    """Of children that have ended: the simulators."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
