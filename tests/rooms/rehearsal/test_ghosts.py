"""Ghosts: who may start them, what they say and to whom, what they leave: nothing."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection

from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.models import AuditEntry
from merchants.foundation.tenancy import in_schema
from realtime.lossy import unpack
from realtime.publish import Topic
from rooms.insights.events import stream
from rooms.program.actions import end_show, start_show
from rooms.program.air import client
from rooms.program.models import Airing, Room
from rooms.rehearsal import actions, player
from rooms.rehearsal.actions import start_ghosts, stop_ghosts
from rooms.rehearsal.errors import GhostsPlay
from rooms.rehearsal.models import GhostRun
from rooms.rehearsal.player import GhostPlayer
from rooms.rehearsal.queries import find_run, list_past_shows, read_tape
from tests.rooms.building import HOST, Stage, count_rows
from tests.rooms.rehearsal.conftest import LENGTH_S, PastShow

pytestmark = pytest.mark.django_db(transaction=True)


def press(client: Any, stage: Stage, button: str, **fields: Any) -> Any:
    return client.post(f"/api/v1/console/{stage.slug}/ghosts/{button}", fields, content_type="application/json")


def begin(shop: Any, stage: Stage, past: PastShow, **options: Any) -> None:
    with in_schema(shop.schema):
        start_ghosts(room_id=stage.room_id, past_id=past.id, actor=HOST, **({"speed": 1, "ghosts": 100} | options))


def test_a_host_starts_and_stops_them(
    aurora: Any, remember: Callable[..., PastShow], rehearse: Callable[..., Stage], enter: Callable[..., Any]
) -> None:
    """The console offers past shows, its answer shows the run, stopping twice is stopping once; each press is in the audit."""
    past, stage, host = remember(aurora), rehearse(aurora), enter(aurora, "host")
    offered = host.get(f"/api/v1/console/{stage.slug}/state").json()["rehearsal"]
    assert [(show["id"], show["lines"], show["length_ms"]) for show in offered["shows"]] == [(str(past.id), 5, LENGTH_S * 1000)]
    assert (offered["run"], offered["speeds"], offered["most_ghosts"]) == (None, [1, 2, 5, 10], 500)
    run = press(host, stage, "start", past_id=str(past.id), speed=5, ghosts=50).json()["rehearsal"]["run"]
    assert (run["past_id"], run["speed"], run["ghosts"], run["title"]) == (str(past.id), 5, 50, "Last Thursday")
    again = press(host, stage, "start", past_id=str(past.id))
    assert (again.status_code, again.json()["error"]["code"]) == (409, "ghosts_play")
    for _ in range(2):
        assert press(host, stage, "stop").json()["rehearsal"]["run"] is None
    with in_schema(aurora.schema):
        assert list(AuditEntry.objects.filter(action__startswith="ghosts.").values_list("action", flat=True)) == ["ghosts.start", "ghosts.stop"]


def test_refusals_say_why_and_change_nothing(
    aurora: Any,
    borealis: Any,
    remember: Callable[..., PastShow],
    rehearse: Callable[..., Stage],
    set_up: Callable[..., Stage],
    enter: Callable[..., Any],
) -> None:
    """A room for shoppers, a rehearsal off air, another shop's show, one that runs, one without a crowd, a speed or a number out of bounds."""
    past, stage, host = remember(aurora), rehearse(aurora), enter(aurora, "host")
    empty, foreign = remember(aurora, slug="empty", has_crowd=False), remember(borealis)
    public, waiting = set_up(aurora, slug="public"), rehearse(aurora, slug="later", is_on_air=False)
    with in_schema(aurora.schema):
        start_show(room_id=public.room_id, actor=HOST)
        running = Room.objects.get(pk=public.room_id).airing_id
        rows = _rows()
    for room, fields, status, code in (
        (public, {"past_id": past.id}, 409, "not_a_rehearsal"),
        (waiting, {"past_id": past.id}, 409, "room_off_air"),
        (stage, {"past_id": foreign.id}, 404, "past_show_not_found"),
        (stage, {"past_id": running}, 404, "past_show_not_found"),
        (stage, {"past_id": empty.id}, 409, "no_crowd"),
        (stage, {"past_id": past.id, "speed": 3}, 422, "invalid_input"),
        (stage, {"past_id": past.id, "ghosts": 501}, 422, "invalid_input"),
        (stage, {"past_id": past.id, "ghosts": 0}, 422, "invalid_input"),
        (stage, {}, 422, "invalid_input"),
    ):
        answer = press(host, room, "start", **{name: str(value) if name == "past_id" else value for name, value in fields.items()})
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    moderator = enter(aurora, "moderator")
    for button in ("start", "stop"):
        assert press(moderator, stage, button, past_id=str(past.id)).status_code == 403
    with in_schema(aurora.schema):
        assert _rows() == rows
        assert [show.id for show in list_past_shows()] == [empty.id, past.id]


def test_of_two_at_once_one_begins(aurora: Any, remember: Callable[..., PastShow], rehearse: Callable[..., Stage]) -> None:
    """The database keeps the rule, whatever the code looked at before."""
    past, stage = remember(aurora), rehearse(aurora)
    begin(aurora, stage, past)
    with pytest.raises(GhostsPlay):
        begin(aurora, stage, past)


def test_a_run_ends_by_itself(aurora: Any, remember: Callable[..., PastShow], rehearse: Callable[..., Stage]) -> None:
    """With the past show's end, after two hours at the latest, with the rehearsal's own show; then another may begin."""
    past, stage = remember(aurora), rehearse(aurora)
    with in_schema(aurora.schema):
        begin(aurora, stage, past, speed=10)
        run = find_run(stage.room_id)
        assert run is not None
        assert run.stops_at - run.started_at == timedelta(seconds=LENGTH_S / 10 + 1)
        with clock.frozen(run.stops_at):
            assert find_run(stage.room_id) is None
            begin(aurora, stage, past)
            Airing.objects.filter(pk=past.id).update(ended_at=past.started_at + timedelta(hours=30))
            end_show(room_id=stage.room_id, actor=HOST)
            assert find_run(stage.room_id) is None
        Room.objects.filter(pk=stage.room_id).update(state="scheduled", airing=None)
        start_show(room_id=stage.room_id, actor=HOST)
        begin(aurora, stage, past)
        last = find_run(stage.room_id)
        assert last is not None
        assert last.stops_at - last.started_at == timedelta(hours=2)
        assert GhostRun.objects.filter(stopped_at=None).count() == 1


def test_the_tape_holds_the_crowd_alone(aurora: Any, borealis: Any, remember: Callable[..., PastShow]) -> None:
    """Without staff, without what was taken away, without what came after the show; nobody is named; the other shop reads nothing."""
    past = remember(aurora)
    with in_schema(aurora.schema):
        tape = read_tape(past.id, 100)
        few = read_tape(past.id, 1)
        assert {moment.ghost for moment in few.moments} == {1}
    assert [moment.text for moment in tape.moments if moment.kind == "line"] == ["first", "second", "third", "a comment"]
    assert tape.counts_at(tape.length_ms) == msgspec.convert({"present": 1, "lines": 4, "likes": 9, "taps": 1, "orders": 1}, type(tape.counts_at(0)))
    assert {moment.ghost for moment in tape.moments} == {1, 2, 3}
    assert tape.counts_at(0).present == 1  # who waited is there at the beginning
    with in_schema(borealis.schema), pytest.raises(Airing.DoesNotExist):
        read_tape(past.id, 100)


@pytest.fixture
def listen() -> Iterator[Callable[..., Callable[[], list[dict[str, Any]]]]]:
    """`said = listen("aurora", room_id)`: everything lossy that the room was told since."""
    opened = []

    def make(schema: str, room_id: Any) -> Callable[[], list[dict[str, Any]]]:
        ear = client().pubsub(ignore_subscribe_messages=True)
        opened.append(ear)
        ear.subscribe(Topic.room(schema, room_id).channel)
        ear.get_message(timeout=1)

        def said() -> list[dict[str, Any]]:
            heard = []
            while (message := ear.get_message(timeout=0.05)) is not None:
                heard += [msgspec.json.decode(offer.payload) for offer in unpack(message["data"]).offers]
            return heard

        return said

    yield make
    for ear in opened:
        ear.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player, "TURN_S", 0.02)
    monkeypatch.setattr(player, "LOOK_S", 0.1)
    monkeypatch.setattr(actions, "MARGIN", timedelta(milliseconds=200))


async def play(shop: Any, stage: Stage, *scene: Callable[[], None]) -> None:
    """The room's player, and beside it one act of the scene after the other."""
    playing = asyncio.create_task(GhostPlayer(shop.schema, stage.room_id).run())
    await asyncio.sleep(0)
    for act in scene:
        await asyncio.to_thread(_aside, shop, act)
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)


def _aside(shop: Any, act: Callable[[], None]) -> None:
    try:
        with in_schema(shop.schema):
            act()
    finally:
        connection.close()


def hear_until(said: Any, heard: list[Any], is_enough: Callable[[Any], bool]) -> Callable[[], None]:
    """Listen until a message is enough, at most 20 s."""

    def act() -> None:
        until = time.monotonic() + 20
        while not any(is_enough(message) for message in heard):
            assert time.monotonic() < until, heard
            heard.extend(said())

    return act


def test_a_room_hears_its_ghosts_as_ghosts_and_nothing_is_kept(
    aurora: Any, borealis: Any, remember: Callable[..., PastShow], rehearse: Callable[..., Stage], listen: Any, quick: None
) -> None:
    """Lines and counts come under kinds of their own, to this room alone, and at the end nothing of it is stored or counted anywhere."""
    past, stage = remember(aurora), rehearse(aurora)
    beside, theirs = rehearse(aurora, slug="beside"), rehearse(borealis)
    said, said_beside, said_there = listen("aurora", stage.room_id), listen("aurora", beside.room_id), listen("borealis", theirs.room_id)
    client().delete(stream.STREAM)
    with in_schema(aurora.schema):
        rows = _rows()
    heard: list[Any] = []
    over = hear_until(said, heard, lambda message: message.get("is_over"))
    asyncio.run(play(aurora, stage, lambda: begin(aurora, stage, past, speed=10), over))
    assert {message["k"] for message in heard} == {"ghost", "ghosts"}
    assert [message["text"] for message in heard if message["k"] == "ghost"] == ["first", "second", "third", "a comment"]
    assert all(1 <= message["ghost"] <= 3 for message in heard if message["k"] == "ghost")
    last = heard[-1]
    assert (last["is_over"], last["counts"]) == (True, {"present": 1, "lines": 4, "likes": 9, "taps": 1, "orders": 1})
    assert said_beside() == said_there() == []
    assert client().exists(stream.STREAM) == 0
    with in_schema(aurora.schema):
        assert _rows() == rows | {"ghost_run": 1, "audit_entry": rows["audit_entry"] + 1}
        assert GhostRun.objects.get().stopped_at is not None
        assert Airing.objects.get(pk=Room.objects.get(pk=stage.room_id).airing_id).likes_total == 0


def test_another_leader_goes_on_where_the_clock_is(
    aurora: Any, remember: Callable[..., PastShow], rehearse: Callable[..., Stage], listen: Any, quick: None
) -> None:
    """What was due before is not said again; the counts are those of the moment."""
    past, stage = remember(aurora), rehearse(aurora)
    with clock.frozen(clock.now() - timedelta(seconds=6)):
        begin(aurora, stage, past)
    said = listen("aurora", stage.room_id)
    heard: list[Any] = []
    asyncio.run(play(aurora, stage, hear_until(said, heard, lambda message: message["k"] == "ghosts")))
    assert not {"first", "second", "third"} & {message.get("text") for message in heard}
    (told, *_) = [message for message in heard if message["k"] == "ghosts"]
    assert told["at_ms"] >= 6_000
    assert told["counts"]["lines"] >= 3


def test_a_stop_is_heard_at_once_and_a_shoppers_room_has_no_player(
    aurora: Any, remember: Callable[..., PastShow], rehearse: Callable[..., Stage], set_up: Callable[..., Stage], listen: Any, quick: None
) -> None:
    past, stage, public = remember(aurora), rehearse(aurora), set_up(aurora, slug="public")
    begin(aurora, stage, past)
    said = listen("aurora", stage.room_id)
    heard: list[Any] = []
    begun = hear_until(said, heard, lambda message: message["k"] == "ghosts")
    over = hear_until(said, heard, lambda message: message.get("is_over"))
    asyncio.run(play(aurora, stage, begun, lambda: stop_ghosts(room_id=stage.room_id, actor=HOST), over))
    assert heard[-1]["at_ms"] < LENGTH_S * 1000
    asyncio.run(GhostPlayer(aurora.schema, public.room_id).run())  # returns at once


def test_a_dense_moment_is_thinned_evenly() -> None:
    """More lines than anybody reads: each turn says at most twelve, from all of the stretch."""
    from rooms.rehearsal.tape import Moment

    said: list[Any] = []

    class Quiet(GhostPlayer):
        async def _say(self, message: Any) -> None:
            said.append(message.text)

    moments = [Moment(number, "line", 1, str(number)) for number in range(100)]
    asyncio.run(Quiet("aurora", new_id())._say_lines(moments))
    assert len(said) <= player.MOST_LINES_A_TURN
    assert (int(said[0]), int(said[-1])) == (0, 99)


def _rows() -> dict[str, int]:
    return count_rows("ghost_run", "audit_entry", "danmaku", "comment", "insights_event", "insights_session_fact", "insights_daily_fact", *_MONEY)


_MONEY = ("shop_order", "ledger_journal", "ledger_posting")
