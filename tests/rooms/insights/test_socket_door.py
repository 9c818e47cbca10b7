"""The socket's door of events: the same checks, under the viewer of the ticket."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from merchants.foundation.ids import new_id
from tests.rooms.building import Stage
from tests.rooms.insights.test_doors import SESSION, event, waiting
from tests.rooms.phone import phones

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Stage:
    return set_up(aurora)


async def test_the_socket_takes_the_same_batches(stage: Stage, aurora: Any) -> None:
    """A payment is refused; staff are acknowledged and not counted."""
    viewer = str(new_id())
    async with phones(aurora, stage, viewer) as (phone,):
        answer = await phone.send("events", session=SESSION, events=[event(), event("like", count=3)])
        assert answer["k"] == "ack"
        assert (await phone.send("events", session=SESSION, events=[event("paid", amount_minor=1)]))["code"] == "message_invalid"
        assert (await phone.send("events", session=SESSION, events=[event(event_id=UUID(int=5, version=4))]))["code"] == "events_invalid"
    async with phones(aurora, stage, str(new_id()), role="moderator") as (phone,):
        assert (await phone.send("events", session=SESSION, events=[event()]))["k"] == "ack"
    (parcel,) = waiting()
    assert (str(parcel.viewer_id), parcel.schema, parcel.room_id) == (viewer, "aurora", stage.room_id)
    assert len(parcel.events) == 2
