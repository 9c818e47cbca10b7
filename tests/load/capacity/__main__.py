"""`make load`: find the knee of this machine and write `.cache/load/report.html`. Ctrl-C writes what was found so far.

`VIEWERS=400` looks no further than that.
"""

import json
import os
import sys
from dataclasses import asdict

import django

from config.install import ROOT
from tests.load.capacity.climbing import MOST, Rung, climb, knee_of
from tests.load.capacity.machine import describe
from tests.load.capacity.measuring import evening, measure
from tests.load.capacity.page import make_page
from tests.load.fanout_client import CannotMeasure

FOLDER = ROOT / ".cache" / "load"


def main() -> int:
    rungs: list[Rung] = []
    is_complete = True
    print("load: a room goes on air, then viewers come, more each time; about twenty minutes", flush=True)
    try:
        with evening() as (platform, show):

            def try_rung(viewers: int) -> Rung:
                print(f"load: {viewers:,} viewers …", flush=True)
                rungs.append(measure(platform, show, viewers))
                print(f"load: {viewers:,} viewers {_verdict(rungs[-1])}", flush=True)
                return rungs[-1]

            climb(try_rung, most=min(MOST, int(os.environ.get("VIEWERS", MOST))))
    except KeyboardInterrupt:
        is_complete = False
    except CannotMeasure as error:
        print(f"load: {error}", file=sys.stderr)
        is_complete = False
    if not rungs:
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "report.json").write_text(json.dumps([asdict(rung) for rung in rungs], indent=1), encoding="utf-8")
    django.setup()  # for its templates alone: the rungs' programs have their own
    (FOLDER / "report.html").write_text(make_page(rungs, describe(), is_complete=is_complete), encoding="utf-8")
    print(f"load: the knee is {knee_of(rungs):,} viewers{'' if is_complete else ' so far'}; see {FOLDER.relative_to(ROOT)}/report.html", flush=True)
    return 0 if is_complete else 1


def _verdict(rung: Rung) -> str:
    if rung.holds:
        return "are well"
    return "are too many: " + "; ".join(f"{limit.name} {limit.read(rung.report):,.4g} {limit.unit}" for limit in rung.broken)


if __name__ == "__main__":
    sys.exit(main())
