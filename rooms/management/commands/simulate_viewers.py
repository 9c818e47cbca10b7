"""`manage.py simulate_viewers`: a made-up audience that comes to a running room by its public doors, as real viewers do."""

import asyncio
import json
import resource
import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError

from rooms.insights.simulation.run import MOST_VIEWERS, Plan, Refused, Run, Wish
from rooms.insights.simulation.totals import count_plan

REASONS = {
    "no_episode": "The room shows no episode now: start its show, then let the audience come.",
    "http_404": "There is no such room at this address.",
    "unreachable": "Nobody answers at this address. Is the shop running there?",
    "timeout": "The shop does not answer in time.",
}


class Command(BaseCommand):
    help = (
        "Lets a made-up audience come to a running room: pages, sockets, lines, likes, cards, purchases at the payment sandbox. The same seed"
        " plans the same audience. Ctrl-C ends it cleanly; the report is JSON on the standard output."
    )

    requires_system_checks = []  # it works on another installation as well; nothing of this one is asked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="the shop, as http://aurora.localhost:8000")
        parser.add_argument("room", help="the room's address in the shop")
        parser.add_argument("--viewers", type=int, default=100, help=f"how many come, at most {MOST_VIEWERS} (default 100)")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--speed", type=float, default=1.0, help="seconds of the story in a second, 0.1 to 100 (default 1)")
        parser.add_argument("--arrivals", type=float, default=30.0, help="within so many seconds of the story all have come (default 30)")
        parser.add_argument("--duration", type=float, help="after so many seconds all leave (default: when each has seen enough)")
        parser.add_argument("--buys", type=float, help="of those who tap a card, this share pays, 0 to 1 (default: the seed's truth)")
        parser.add_argument("--requests", type=int, default=50, help="at most so many requests are under way at a time (default 50)")
        parser.add_argument("--source", default="simulated", help="the utm_source of the visits (default: simulated)")
        parser.add_argument(
            "--uncounted", action="store_true", help="ask not to be counted: insights see nothing of the visits, the ledger sees the orders"
        )
        parser.add_argument("--plan", action="store_true", help="only print what is planted and what the plan comes to")
        parser.add_argument("--report", type=Path, help="write the report to this file as well")

    def handle(self, *args: Any, **options: Any) -> None:
        _allow_files()
        run = Run(_read_wish(options), tell=lambda line: self.stderr.write(line))
        try:
            report = asyncio.run(_plan(run) if options["plan"] else _carry_out(run))
        except Refused as refusal:
            raise CommandError(REASONS.get(refusal.code, f"The room cannot be entered: {refusal.code}")) from refusal
        text = json.dumps(report, indent=2, ensure_ascii=False)
        if options["report"]:
            options["report"].write_text(text + "\n", encoding="utf-8")
        self.stdout.write(text)


def _allow_files() -> None:
    """A viewer's socket is an open file: as many as this machine lets a process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _read_wish(options: dict[str, Any]) -> Wish:
    """Raises: CommandError, naming what is out of bounds."""
    bounds = {"viewers": (1, MOST_VIEWERS), "speed": (0.1, 100.0), "arrivals": (0.0, 86_400.0), "requests": (1, 500)}
    optional = {"buys": (0.0, 1.0), "duration": (1.0, 86_400.0)}
    for name, (least, most) in (bounds | {name: span for name, span in optional.items() if options[name] is not None}).items():
        if not least <= options[name] <= most:
            raise CommandError(f"--{name}: from {least:g} to {most:g}")
    url = urlsplit(options["url"])
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise CommandError("The shop's address begins with http:// or https://.")
    return Wish(
        url=options["url"],
        slug=options["room"],
        count=options["viewers"],
        seed=options["seed"],
        speed=options["speed"],
        arrivals_s=options["arrivals"],
        duration_s=options["duration"],
        buys=options["buys"],
        most_requests=options["requests"],
        is_counted=not options["uncounted"],
        source=options["source"],
    )


async def _plan(run: Run) -> dict[str, Any]:
    plan: Plan = await run.plan()
    return {"truth": plan.truth.as_json(), "planned": count_plan(plan.room.story, plan.visits).as_json()}


async def _carry_out(run: Run) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, run.stop)
    return await run.carry_out()
