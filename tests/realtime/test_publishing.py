"""Publishing from stories: with the commit, in order, exactly once, and only to one's own shop."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import redis
from django.conf import settings
from django.db import transaction

from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from realtime import outbox, publish, stream_sync
from realtime.errors import Unreachable
from realtime.models import OutboxMessage
from realtime.topics import Topic
from tests.realtime.site.table import Note, Shout, Whisper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(aurora: Any) -> Iterator[Topic]:
    with in_schema(aurora.schema):
        yield Topic.room(aurora.schema, uuid4())


def said(topic: Topic) -> list[dict[str, Any]]:
    client = redis.Redis.from_url(settings.VALKEY_URL)
    entries: Any = client.xrange(topic.stream_key)
    client.close()
    return [msgspec.json.decode(fields[b"m"]) for _, fields in entries]


def texts(topic: Topic) -> list[str]:
    return [message["text"] for message in said(topic)]


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Valkey's address leads nowhere until the patch is undone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "VALKEY_URL", "redis://127.0.0.1:1/0")
        yield patch


def test_what_is_published_is_numbered_and_kept(room: Topic) -> None:
    """Numbers begin at one; the cursor is the last number, and its epoch stays."""
    start = publish.get_cursor(room)
    assert [publish.publish(room, Note(text=text)) for text in "ab"] == [1, 2]
    assert said(room) == [{"s": 1, "k": "note", "text": "a", "by": ""}, {"s": 2, "k": "note", "text": "b", "by": ""}]
    assert start.seq == 0
    assert publish.get_cursor(room) == (start.epoch, 2)


def test_a_viewers_message_is_marked_as_their_own(aurora: Any) -> None:
    """The browser tells the two streams of its socket apart by `on`."""
    topic = Topic.viewer(aurora.schema, uuid4())
    publish.publish(topic, Whisper(text="for you"))
    assert said(topic) == [{"s": 1, "on": "me", "k": "whisper", "text": "for you"}]


def test_a_rolled_back_change_is_not_told(room: Topic) -> None:
    """Neither the row nor the message survives."""

    class Undone(Exception):
        pass

    def change() -> None:
        with transaction.atomic():
            publish.publish_on_commit(room, Note(text="never"))
            raise Undone

    with pytest.raises(Undone):
        change()
    assert said(room) == []
    assert not OutboxMessage.objects.exists()


def test_messages_follow_the_commit_in_order(room: Topic) -> None:
    """Nothing is heard before the commit, everything after it, and the outbox is empty again."""
    with transaction.atomic():
        for text in "abc":
            publish.publish_on_commit(room, Note(text=text))
        assert said(room) == []
    assert texts(room) == ["a", "b", "c"]
    assert not OutboxMessage.objects.exists()


def test_a_later_commit_says_what_an_earlier_one_left(room: Topic) -> None:
    """A process died between commit and publishing: the next message does not overtake the one it left."""
    outbox_row(room, "left behind")
    with transaction.atomic():
        publish.publish_on_commit(room, Note(text="later"))
    assert texts(room) == ["left behind", "later"]


def test_a_message_said_before_the_crash_is_not_said_again(room: Topic) -> None:
    """The row outlived its message because the process died before deleting it: the sweeper finds it said."""
    row = outbox_row(room, "once")
    stream_sync.append(room, bytes(row.payload), once=row.name.hex)
    assert outbox.say(room.key) == 1
    assert texts(room) == ["once"]


def test_the_sweeper_says_what_valkey_did_not_take(room: Topic, unreachable: pytest.MonkeyPatch) -> None:
    """The change is committed all the same; once Valkey answers, its message follows, in order."""
    with transaction.atomic():
        publish.publish_on_commit(room, Note(text="a"))
        publish.publish_on_commit(room, Note(text="b"))
    assert OutboxMessage.objects.count() == 2
    with pytest.raises(Unreachable):
        publish.publish(room, Note(text="now or never"))
    publish.publish_lossy(room, Shout(text="nobody hears", by="v1"))
    unreachable.undo()
    with clock.frozen(clock.now() + timedelta(seconds=4)):
        assert outbox.sweep() == 2
    assert texts(room) == ["a", "b"]
    assert not OutboxMessage.objects.exists()


def test_what_nobody_could_be_told_for_half_an_hour_is_given_up(room: Topic) -> None:
    """By then every client has had a snapshot; the table stays bounded."""
    outbox_row(room, "old")
    with clock.frozen(clock.now() + timedelta(minutes=31)):
        assert outbox.sweep() == 0
    assert said(room) == []
    assert not OutboxMessage.objects.exists()


def test_a_shop_cannot_speak_to_another_shops_topic(room: Topic, borealis: Any) -> None:
    """The topic names its shop, and the story runs in one."""
    with in_schema(borealis.schema), transaction.atomic(), pytest.raises(outbox.ForeignTopic):
        publish.publish_on_commit(room, Note(text="stray"))
    assert said(room) == []


async def test_asynchronous_code_publishes_alike(aurora: Any) -> None:
    """`apublish` numbers in the same stream."""
    topic = Topic.room(aurora.schema, uuid4())
    assert await publish.apublish(topic, Note(text="a")) == 1
    await publish.apublish_lossy(topic, Shout(text="b", by="v1"))
    assert await publish.apublish(topic, Note(text="c")) == 2


def outbox_row(topic: Topic, text: str) -> OutboxMessage:
    """A row whose commit happened in a process that did not live to say it."""
    with transaction.atomic():
        publish.publish_on_commit(topic, Note(text=text))
        transaction.get_connection().run_on_commit.clear()
    return OutboxMessage.objects.get()
