"""The report as one HTML page that needs nothing else: charts are drawn beforehand, no script runs."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.template import Context, Engine

from config.install import ROOT, node_environment
from tests.load.capacity.climbing import LIMITS, Limit, Rung, knee_of
from tests.load.capacity.measuring import ARRIVALS_S, LASTS_S

HERE = Path(__file__).parent
TIMES = (
    ("page", "The room's page"),
    ("socket", "Its socket, until the room is there"),
    ("line", "A line, until it is accepted"),
    ("line_to_screen", "A line, until it is on others' screens"),
    ("likes", "Likes"),
    ("events", "Events of the visit, acknowledged"),
    ("checkout", "An order, until the payment sheet"),
    ("settle", "A payment, until the receipt"),
)
COLOURS = ["#2f5bd8", "#d8682f", "#3f9c6b", "#8a5bc7", "#c0a02e", "#5a6472", "#c7517f", "#3a9ab0", "#7d8c2f", "#9a6a4b"]
DRAWING_S = 60


def make_page(rungs: Sequence[Rung], machine: Mapping[str, str], *, is_complete: bool) -> str:
    """Needs: node and the project's packages."""
    tried = sorted(rungs, key=lambda rung: rung.viewers)
    knee = knee_of(list(rungs))
    best = next((rung for rung in tried if rung.viewers == knee and rung.holds), None)
    names = sorted({name for rung in tried for name in rung.cpu}, key=lambda name: -max(rung.cpu.get(name, 0.0) for rung in tried))
    context = {
        "knee": knee,
        "is_complete": is_complete,
        "made_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": machine,
        "arrivals_s": ARRIVALS_S,
        "lasts_s": LASTS_S,
        "charts": draw([_times_chart(tried), _cpu_chart(tried, names)]) if tried else [],
        "limits": [
            {"name": limit.name, "unit": limit.unit, "most": limit.most, "at_knee": limit.read(best.report) if best else None} for limit in LIMITS
        ],
        "rungs": [_row(rung) for rung in tried],
        "times": _times_rows(best) if best else [],
        "processes": [{"name": name, "cores": best.cpu.get(name, 0.0), "mb": best.memory_mb.get(name)} for name in names if best],
    }
    engine = Engine(dirs=[str(HERE)])
    return engine.get_template("page.html").render(Context(context))


def draw(options: Sequence[Mapping[str, Any]]) -> list[str]:
    done = subprocess.run(
        ["node", str(HERE / "charts.mjs")],
        cwd=ROOT,
        env=node_environment(),
        input=json.dumps(options),
        capture_output=True,
        text=True,
        check=True,
        timeout=DRAWING_S,
    )
    drawn: list[str] = json.loads(done.stdout)
    return drawn


def _limit_row(limit: Limit, best: Rung | None) -> dict[str, Any]:
    return {"name": limit.name, "unit": limit.unit, "most": limit.most, "at_knee": limit.read(best.report) if best else None}


def _times_rows(best: Rung) -> list[dict[str, Any]]:
    answers = best.report["answer_ms"]
    return [{"name": title, "answer": answers[kind]} for kind, title in TIMES if kind in answers]


def _row(rung: Rung) -> dict[str, Any]:
    report = rung.report
    done, lasted = report["done"], max(1.0, report["took_s"])
    return {
        "viewers": rung.viewers,
        "holds": rung.holds,
        "broken": [limit.name for limit in rung.broken],
        "at_once": done.get("most_at_once", 0),
        "figures": [limit.read(report) for limit in LIMITS],
        "frames_a_second": report["heard"].get("frames", 0) / lasted,
        "lines": done.get("danmaku", 0),
        "orders": done.get("paid", 0),
        "busy": 100 * rung.busy,
    }


def _base(title: str, tried: Sequence[Rung], unit: str) -> dict[str, Any]:
    return {
        "title": {"text": f"{title}, {unit}", "left": 0, "textStyle": {"fontSize": 14, "fontWeight": 600}},
        "color": COLOURS,
        "grid": {"left": 56, "right": 20, "top": 92, "bottom": 48},
        "legend": {"top": 32, "left": 0, "itemGap": 16, "itemHeight": 8, "textStyle": {"fontSize": 12}},
        "xAxis": {"type": "category", "name": "viewers", "nameLocation": "middle", "nameGap": 30, "data": [str(rung.viewers) for rung in tried]},
        "yAxis": {"type": "value"},
    }


def _times_chart(tried: Sequence[Rung]) -> dict[str, Any]:
    """95th percentiles; a logarithmic scale, since past the knee they leave any other."""
    shown = [(kind, title) for kind, title in TIMES if kind in {"page", "socket", "line_to_screen", "checkout"}]
    series = [
        {"type": "line", "name": title, "data": [rung.report["answer_ms"].get(kind, {"p95": None})["p95"] for rung in tried]} for kind, title in shown
    ]
    return _base("How long 95 of 100 wait at most", tried, "ms") | {"yAxis": {"type": "log"}, "series": series}


def _cpu_chart(tried: Sequence[Rung], names: Sequence[str]) -> dict[str, Any]:
    series = [{"type": "bar", "stack": "all", "name": name, "data": [round(rung.cpu.get(name, 0.0), 3) for rung in tried]} for name in names]
    return _base("What takes the processor", tried, "cores") | {"series": series}
