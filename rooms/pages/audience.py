"""How many watch, for pages that have no socket."""

import time
from collections.abc import Sequence
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from merchants.foundation.tenancy import current_schema
from realtime.presence import counts_key, sum_fresh
from realtime.topics import Topic
from rooms.program.air import client

log = structlog.get_logger(__name__)


def count_online(room_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Sockets in each room over all processes, in one round trip. Without Valkey every count is 0: a page never fails for it."""
    if not room_ids:
        return {}
    schema = current_schema()
    try:
        with client().pipeline(transaction=False) as pipe:
            for room_id in room_ids:
                pipe.hgetall(counts_key(Topic.room(schema, room_id)))
            counts = pipe.execute()
    except (RedisError, OSError) as error:
        log.warning("online_unknown", reason=type(error).__name__)
        return dict.fromkeys(room_ids, 0)
    now = time.time()
    return {room_id: sum_fresh(count, now)[0] for room_id, count in zip(room_ids, counts, strict=True)}
