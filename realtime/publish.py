"""Saying something to a topic, from anywhere: a story, a task, a handler, the director.

`publish` at once, `publish_on_commit` with the change that it tells of, `publish_lossy` for what may get lost.
"""

import structlog
from django.conf import settings
from redis.exceptions import RedisError

from realtime import lossy, outbox, stream_sync
from realtime.errors import Unreachable
from realtime.loops import PerLoop
from realtime.messages import Lossless, Lossy, body_for
from realtime.stream import Head, Streams, connect
from realtime.topics import Topic

__all__ = ["Topic", "apublish", "apublish_lossy", "get_cursor", "publish", "publish_lossy", "publish_on_commit"]

log = structlog.get_logger(__name__)


def publish(topic: Topic, message: Lossless) -> int:
    """Say it now, losslessly. Returns its sequence number.

    Not inside a transaction: others would hear of what may still be rolled back. Raises: Unreachable.
    """
    return stream_sync.append(topic, body_for(topic, message))


def publish_on_commit(topic: Topic, message: Lossless) -> None:
    """Say it once the surrounding transaction has committed, in the order of the calls, exactly once.

    The outbox row commits with the change; what a crash or an unreachable Valkey swallowed, the sweeper says later.
    Needs: the topic's schema.
    """
    outbox.keep(topic, body_for(topic, message))


def publish_lossy(topic: Topic, message: Lossy, *, sender: str = "", is_kept: bool = False) -> None:
    """Say it now, as far as it gets through. Never raises for Valkey's sake."""
    try:
        stream_sync.announce(topic, lossy.pack(topic, [lossy.make_offer(message, sender=sender, is_kept=is_kept)]))
    except Unreachable as error:
        log.warning("lossy_message_lost", topic=topic.key, reason=str(error))


async def apublish(topic: Topic, message: Lossless) -> int:
    """`publish` for asynchronous code. Raises: Unreachable."""
    try:
        return await _streams().append(topic, body_for(topic, message))
    except (RedisError, OSError) as error:
        raise Unreachable(retry_after_s=2) from error


async def apublish_lossy(topic: Topic, message: Lossy, *, sender: str = "", is_kept: bool = False) -> None:
    try:
        await _streams().client.publish(topic.channel, lossy.pack(topic, [lossy.make_offer(message, sender=sender, is_kept=is_kept)]))
    except (RedisError, OSError) as error:
        log.warning("lossy_message_lost", topic=topic.key, reason=str(error))


def get_cursor(topic: Topic) -> Head:
    """Where the topic stands: put `epoch` and `seq` into the page's state *before* reading what the state shows.

    The socket then goes on from there, and nothing falls between page and socket. Raises: Unreachable.
    """
    return stream_sync.read_head(topic)


_streams = PerLoop(lambda: Streams(connect(settings.VALKEY_URL)))
