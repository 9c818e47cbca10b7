"""The outbox: a message commits with the change that it tells of, and is said after the commit.

Said exactly once: each append carries the row's name, and Valkey remembers it for an hour, longer than any row lives.
Said in order: whoever comes first says all rows of the topic up to its own, so a later commit never overtakes.
"""

from datetime import timedelta

import structlog
from django.db import transaction

from merchants.foundation import clock
from merchants.foundation.tenancy import current_schema
from realtime import stream_sync
from realtime.errors import Unreachable
from realtime.models import OutboxMessage
from realtime.topics import Topic

log = structlog.get_logger(__name__)

BATCH = 200
SWEEP_AFTER = timedelta(seconds=3)
# The state that the message tells of is in the database; after this long every client has got it with a snapshot.
GIVE_UP_AFTER = timedelta(minutes=30)


class ForeignTopic(RuntimeError):
    """A shop's story spoke to another shop's topic: a defect, stopped before it is written."""


def keep(topic: Topic, payload: bytes) -> None:
    """Store the message with the change; say it after the commit."""
    if topic.schema != current_schema():
        raise ForeignTopic(f"{topic.key} from {current_schema()}")
    row = OutboxMessage.objects.create(
        topic_key=topic.key,
        channel=topic.channel,
        address=topic.address,
        lifetime_s=topic.lifetime_s,
        payload=payload,
        created_at=clock.now(),
    )
    transaction.on_commit(lambda: _say_after_commit(topic.key, row.pk))


def sweep() -> int:
    """Say what was left behind. Returns how many messages were said."""
    stale = OutboxMessage.objects.filter(created_at__lt=clock.now() - GIVE_UP_AFTER)
    given_up = stale.count()
    if given_up:
        stale.delete()
        log.error("outbox_given_up", messages=given_up)
    due = OutboxMessage.objects.filter(created_at__lt=clock.now() - SWEEP_AFTER).order_by("pk")
    said = 0
    for topic_key in dict.fromkeys(due.values_list("topic_key", flat=True)[:BATCH]):
        said += say(topic_key)
    return said


def say(topic_key: str, *, up_to: int | None = None) -> int:
    """Say a topic's waiting messages, oldest first. Returns how many. Raises: Unreachable; the rest waits for the sweeper."""
    rows = OutboxMessage.objects.filter(topic_key=topic_key).order_by("pk")
    if up_to is not None:
        rows = rows.filter(pk__lte=up_to)
    said = 0
    for row in rows[:BATCH]:
        topic = Topic(key=row.topic_key, channel=row.channel, address=row.address, lifetime_s=row.lifetime_s)
        stream_sync.append(topic, bytes(row.payload), once=row.name.hex)
        row.delete()
        said += 1
    return said


def _say_after_commit(topic_key: str, up_to: int) -> None:
    try:
        say(topic_key, up_to=up_to)
    except Unreachable as error:
        log.warning("outbox_waits", topic=topic_key, reason=str(error))
