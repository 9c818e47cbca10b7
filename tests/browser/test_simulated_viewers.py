"""`manage.py simulate_viewers` against the whole platform: a made-up audience at the public doors, and what insights make of it."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from config.embedded.processes import stop
from config.install import ROOT
from merchants.foundation.ids import new_id
from tests.browser.axe import violations_of
from tests.browser.conftest import OUTPUT
from tests.browser.platform import Platform
from tests.browser.support import HOST, Show, put_on_air, sign_in

pytestmark = pytest.mark.slow

VIEWERS, SPEED = 40, 12.0
_REPORTS = """
import json
from dataclasses import asdict
from uuid import UUID
from merchants.foundation.tenancy import in_schema
from rooms.insights.queries.port import get_port
from rooms.insights.queries.shapes import Question, Slice
from rooms.insights.queries.totals import list_summary
with in_schema("aurora"):
    question = Question(Slice(room_id=UUID({room!r}), source={source!r}))
    (summary,) = list_summary(question)  # first: what it counts is in the others as well
    funnel = {{row.name: row.sessions for row in get_port().list_funnel(question)}}
    left = [asdict(row) for row in get_port().list_retention(question) if row.left]
print(json.dumps({{"funnel": funnel, "left": left, "orders": summary.orders, "likes": summary.likes, "danmaku": summary.danmaku}}))
"""

_REHEARSAL = """
from uuid import UUID
from merchants.foundation.tenancy import in_schema
from rooms.program.actions import end_show, start_show
from rooms.program.queries import get_room
from rooms.program.schedule import create_room
with in_schema("aurora"):
    past = get_room({slug!r})
    end_show(room_id=past.id, actor={host!r})
    kind = {{"season_id": past.season_id, "is_looping": True, "is_rehearsal": True}}
    room_id = create_room(slug="{slug}-rehearsal", title="Dress rehearsal", actor={host!r}, **kind)
    start_show(room_id=room_id, actor={host!r})
print(past.airing_id)
"""


@pytest.fixture(scope="module")
def show(platform: Platform) -> Iterator[Show]:
    """A room on air, and the process that stores what viewers do."""
    platform.spawn("events", [sys.executable, "manage.py", "events"])
    yield put_on_air(platform, "crowded", seconds=31)
    stop(platform.processes.pop("events"))


@pytest.fixture(scope="module")
def past_id(platform: Platform, show: Show) -> str:
    """The evening is over; beside it stands a rehearsal. Once, however often a test is tried."""
    return platform.run(_REHEARSAL.format(slug=show.slug, host=HOST)).strip().splitlines()[-1]


def simulate(platform: Platform, room: str, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "manage.py", "simulate_viewers", platform.url("", "aurora"), room, *options]
    return subprocess.Popen(command, cwd=ROOT, env=platform.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: "subprocess.Popen[str]", *, within_s: float = 60) -> dict[str, Any]:
    output, errors = process.communicate(timeout=within_s)
    assert process.returncode == 0, errors[-2000:]
    report: dict[str, Any] = json.loads(output)
    return report


def test_a_seeded_audience_does_what_is_planned_and_insights_count_it(platform: Platform, show: Show) -> None:
    """Pages, sockets, lines, likes, taps and paid orders: as many as the plan has, none refused; the reports tell the same to the unit."""
    source = f"simulated-{new_id().hex[-8:]}"  # of this try
    options = ("--viewers", str(VIEWERS), "--seed", "5", "--speed", str(SPEED), "--arrivals", "0", "--buys", "1", "--source", source)
    report = finish(simulate(platform, show.slug, *options))
    done, planned = report["done"], report["planned"]
    assert report["is_complete"]
    assert report["refused"] == {}
    assert (done["arrived"], done["left"]) == (VIEWERS, VIEWERS)
    assert {act: done.get(act, 0) for act in planned["acts"] if act not in {"buy", "like"}} == {
        act: count for act, count in planned["acts"].items() if act not in {"buy", "like"}
    }
    assert done["like"] == planned["likes"]
    assert done.get("paid", 0) == planned["acts"].get("buy", 0) > 0
    assert report["heard"]["lossless"] > 0
    assert report["heard"].get("missed", 0) == 0  # no hole in what must not be lost
    assert {"page", "socket", "line", "likes", "events_http", "checkout", "pay", "settle", "line_to_screen"} <= set(report["answer_ms"])
    assert all(0 < times["p50"] <= times["p95"] <= times["most"] for times in report["answer_ms"].values())
    told = _read_reports(platform, show, source, orders=planned["acts"]["buy"])
    assert told["funnel"] == planned["funnel"]
    assert [{name: row[name] for name in ("episode", "second", "left")} for row in told["left"]] == [
        {name: row[name] for name in ("episode", "second", "left")} for row in planned["left"]
    ]
    assert (told["orders"], told["likes"], told["danmaku"]) == (planned["acts"]["buy"], planned["likes"], planned["acts"]["danmaku"])


def test_a_signal_ends_it_cleanly(platform: Platform, show: Show) -> None:
    """Everybody leaves with their last events; the report says that it was cut short. Who asks not to be counted is not."""
    process = simulate(platform, show.slug, "--viewers", "6", "--arrivals", "0", "--uncounted", "--source", "cut-short")
    assert process.stderr
    while "6/6 came" not in (line := process.stderr.readline()):
        assert line, "it ended before everybody came"
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    report = finish(process, within_s=30)
    assert time.monotonic() - began < 20
    assert not report["is_complete"]
    assert (report["done"]["arrived"], report["done"]["left"], report["done"]["exit"]) == (6, 6, 6)
    assert report["done"]["events"] == 0


def test_that_audience_plays_as_ghosts_in_a_rehearsal(platform: Platform, show: Show, past_id: str, open_page: Any) -> None:
    """The host lets the evening's crowd play at twice its pace, sees its lines as ghosts', sends it home. A shopper finds no such room."""
    page = open_page("desktop")
    sign_in(page, platform)
    page.goto(platform.url(f"/console/{show.slug}-rehearsal/", "aurora"))
    expect(page.get_by_text("Rehearsal", exact=True)).to_be_visible()
    page.get_by_label("The crowd of").select_option(past_id)
    page.get_by_label("Speed").select_option("2")
    assert violations_of(page) == []
    page.get_by_role("button", name="Let them play").click()
    expect(page.get_by_text("Rehearsal, ghosts")).to_be_visible()
    line = page.locator(".crowd-line.is-ghost").first
    expect(line).to_contain_text(re.compile(r"Ghost \d+"))
    expect(line.get_by_role("button")).to_have_count(0)
    expect(page.locator(".ghosts-figures dd").first).not_to_have_text("0")
    page.screenshot(path=OUTPUT / "console-ghosts.png")
    assert violations_of(page) == []
    page.get_by_role("button", name="Send them home").click()
    expect(page.get_by_role("button", name="Let them play")).to_be_visible()
    shopper = open_page("phone")
    answer = shopper.goto(platform.url(f"/rooms/{show.slug}-rehearsal/", "aurora"))
    assert answer.status == 404


def _read_reports(platform: Platform, show: Show, source: str, *, orders: int) -> dict[str, Any]:
    """Once the ledger's word has come: facts are delivered by a task, events are stored by their process."""
    until = time.monotonic() + 60
    while True:
        told: dict[str, Any] = json.loads(platform.run(_REPORTS.format(room=show.room_id, source=source)).strip().splitlines()[-1])
        if (told["orders"] >= orders and told["funnel"]["entered"] >= VIEWERS) or time.monotonic() > until:
            return told
        time.sleep(0.5)
