"""Where events come in: typed, bounded, under the viewer of the session, acknowledged once they are on disk, and only of who agrees."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from commerce.orders.facts import OrderPaid, OrderPlaced
from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema
from rooms.insights.events import stream
from rooms.insights.events.filters import is_in_time, is_measured
from rooms.insights.events.messages import CheckoutEvent, PaidEvent, Parcel, happened_ms
from rooms.insights.events.reactions import count_checkout, count_payment
from rooms.program.air import client

pytestmark = pytest.mark.django_db

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile Safari"
SESSION = "0196a000-0000-7000-8000-000000000001"


def event(kind: str = "heartbeat", *, event_id: Any = None, **fields: Any) -> dict[str, Any]:
    if kind == "heartbeat":
        fields = {"watched_ms": 10_000} | fields
    return {"k": kind, "id": str(event_id or new_id()), **fields}


def waiting() -> list[Parcel]:
    return [parcel for _, fields in client().xrange(stream.STREAM) for parcel in stream.decode(fields[b"p"])]


def post(visitor: Any, body: Any, *, slug: str = "harbour", **headers: str) -> Any:
    text = body if isinstance(body, bytes) else json.dumps(body)
    sent = {"user-agent": PHONE, **headers}
    return visitor.post(f"/api/v1/rooms/{slug}/events", data=text, content_type="application/json", headers=sent)


def batch(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"session": SESSION, "events": list(events), **more}


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Any]) -> Any:
    return set_up(aurora)


def test_a_batch_is_on_disk_before_it_is_answered(stage: Any, aurora: Any, browse: Callable[..., Any]) -> None:
    """With the shop of the host, the room of the address and the viewer of the cookie."""
    visitor = browse(aurora)
    enter, beat = event("enter", surface="room", source="mail", variant="B"), event(program_seq=4, position_ms=31_000)
    answer = post(visitor, batch(enter, beat))
    assert (answer.status_code, answer.json()) == (202, {"taken": 2})
    (parcel,) = waiting()
    assert (parcel.schema, parcel.room_id) == ("aurora", stage.room_id)
    assert [str(one.id) for one in parcel.events] == [enter["id"], beat["id"]]
    assert (parcel.events[1].program_seq, parcel.events[1].position_ms) == (4, 31_000)
    post(visitor, batch(event()))
    assert waiting()[1].viewer_id == parcel.viewer_id
    assert waiting()[1].session == parcel.session


def test_two_viewers_cannot_write_into_one_visit(stage: Any, aurora: Any, browse: Callable[..., Any]) -> None:
    """The number of the visit is the browser's; the visit is the viewer's."""
    for visitor in (browse(aurora), browse(aurora)):
        post(visitor, batch(event()))
    first, second = waiting()
    assert first.viewer_id != second.viewer_id
    assert first.session != second.session


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "events_invalid"),
        (b"[]", 422, "events_invalid"),
        (b"x" * 20_000, 413, "events_too_large"),
        (batch(), 422, "events_invalid"),
        (batch(*[event()] * 51), 422, "events_invalid"),
        (batch(event("paid", amount_minor=9_900)), 422, "events_invalid"),
        (batch(event("checkout", amount_minor=9_900)), 422, "events_invalid"),
        (batch(event("dance")), 422, "events_invalid"),
        (batch(event(viewer_id="somebody", watched_ms=1)), 422, "events_invalid"),
        (batch(event(), viewer_id="somebody"), 422, "events_invalid"),
        (batch(event(watched_ms=60_001)), 422, "events_invalid"),
        (batch(event(watched_ms=1, position_ms=-1)), 422, "events_invalid"),
        (batch(event("enter", surface="room", source="=SUM(A1)")), 422, "events_invalid"),
        (batch(event(event_id=UUID(int=5, version=4))), 422, "events_invalid"),
        ({"events": [event()]}, 422, "events_invalid"),
    ],
)
def test_what_is_not_an_event_of_a_browser_is_refused_whole(
    stage: Any, aurora: Any, browse: Callable[..., Any], body: Any, status: int, code: str
) -> None:
    """Payments among them: the ledger alone says that somebody paid."""
    answer = post(browse(aurora), body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert waiting() == []


def test_too_many_batches_are_asked_to_wait(stage: Any, aurora: Any, browse: Callable[..., Any]) -> None:
    visitor = browse(aurora)
    statuses = [post(visitor, batch(event())).status_code for _ in range(42)]
    assert statuses[:40] == [202] * 40
    assert statuses[40:] == [429] * 2


def test_a_room_of_the_other_shop_takes_nothing(stage: Any, borealis: Any, browse: Callable[..., Any]) -> None:
    assert post(browse(borealis), batch(event())).status_code == 404
    assert waiting() == []


def test_an_old_event_is_answered_and_not_counted(stage: Any, aurora: Any, browse: Callable[..., Any]) -> None:
    """Forty-seven hours late is in time, forty-nine is not; nor is tomorrow."""

    def at(hours: int) -> dict[str, Any]:
        return event(event_id=UUID(int=clock.to_ms(clock.now() + timedelta(hours=hours)) << 80 | 7 << 76 | 2 << 62))

    assert post(browse(aurora), batch(at(-49), at(-47), at(24))).json() == {"taken": 1}
    assert [is_in_time(now, 10**12) for now in (10**12 - 172_800_001, 10**12 - 172_800_000, 10**12 + 300_000, 10**12 + 300_001)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("headers", "cookie", "expected"),
    [
        ({}, None, 1),
        ({"sec-gpc": "1"}, None, 0),
        ({"dnt": "1"}, None, 0),
        ({"dnt": "0"}, None, 1),
        ({}, "no", 0),
        ({"sec-gpc": "1"}, "yes", 1),
        ({"sec-gpc": "1"}, "perhaps", 0),
        ({"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, "yes", 0),
        ({"user-agent": ""}, None, 0),
    ],
)
def test_who_said_no_and_robots_are_not_counted(
    stage: Any, aurora: Any, browse: Callable[..., Any], headers: dict[str, str], cookie: str | None, expected: int
) -> None:
    """Their browser is answered all the same, so that it forgets the batch."""
    visitor = browse(aurora)
    if cookie:
        visitor.cookies["measuring"] = cookie
    answer = post(visitor, batch(event()), **headers)
    assert (answer.status_code, answer.json()) == (202, {"taken": expected})
    assert len(waiting()) == expected


def test_staff_are_not_counted(stage: Any, aurora: Any, enter: Callable[..., Any]) -> None:
    assert post(enter(aurora, "host"), batch(event())).json() == {"taken": 0}
    assert not is_measured(role="host", headers={"User-Agent": PHONE}, cookies={"measuring": "yes"})


def test_a_stream_that_does_not_answer_or_is_full_takes_nothing(
    stage: Any, aurora: Any, browse: Callable[..., Any], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No acknowledgement without the write: the browser keeps the batch and sends it again."""
    visitor, url = browse(aurora), settings.VALKEY_URL
    settings.VALKEY_URL = "redis://127.0.0.1:1/0"
    answer = post(visitor, batch(event()))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "events_behind")
    settings.VALKEY_URL = url
    monkeypatch.setattr(stream, "MOST_WAITING", 0)
    assert post(visitor, batch(event())).status_code == 503
    assert waiting() == []


def test_what_the_ledger_says_is_counted_once(aurora: Any) -> None:
    """A fact may be told twice: the same id comes of it. An order from outside of a room is none of the funnel's."""
    room, cue, viewer, at = new_id(), new_id(), new_id(), clock.now()
    common: dict[str, Any] = {
        "order_no": "A-1",
        "viewer_id": str(viewer),
        "program_seq": 2,
        "position_ms": 61_000,
        "cue_id": str(cue),
        "currency": "USD",
    }
    order_id = new_id()
    with in_schema("aurora"):
        count_checkout(OrderPlaced(order_id=order_id, room_id=room, total_minor=3_600, at=at, **common))
        for _ in range(2):
            count_payment(OrderPaid(order_id=order_id, room_id=room, total_minor=3_600, at=at, **common))
        count_payment(OrderPaid(order_id=new_id(), room_id=None, total_minor=3_600, at=at, **common))
        count_payment(OrderPaid(order_id=new_id(), room_id=room, total_minor=1, at=at, **common | {"cue_id": "by hand"}))
    placed, paid, again, by_hand = [parcel.events[0] for parcel in waiting()]
    assert isinstance(placed, CheckoutEvent)
    assert isinstance(paid, PaidEvent)
    assert placed.id != paid.id == again.id
    assert (paid.cue_id, paid.amount_minor, happened_ms(paid.id)) == (cue, 3_600, clock.to_ms(at))
    assert by_hand.cue_id is None
    assert {(parcel.viewer_id, parcel.session, parcel.room_id) for parcel in waiting()} == {(viewer, None, room)}
