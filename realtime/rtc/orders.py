"""Orders to a room's node from code that is not asynchronous: said after a change, and nobody waits for the answer.

An order may get lost with its node. Whoever gives it must also compare, now and then, what the room's overview tells with
what should be, and say it again.
"""

import secrets
import time
from typing import Any

import structlog

from realtime.rtc.names import RoomName
from realtime.rtc.placement import placement_key
from realtime.rtc.relay import ANSWERS_LIFETIME_MS, ASK, MOST_QUEUED, TIMEOUT_S, queue_key
from realtime.rtc.requests import CloseLine, Envelope, MuteLine, encode

log = structlog.get_logger(__name__)


def give_order(client: Any, room: RoomName, order: MuteLine | CloseLine) -> bool:
    """Two round trips on a synchronous client. False: the room is on no node, or too much waits there already.

    Raises: RedisError.
    """
    node, generation = client.hmget(placement_key(room), "node", "generation")
    if node is None:
        return False
    number = secrets.token_hex(8)
    expires_at_ms = int((time.time() + TIMEOUT_S) * 1000)
    envelope = Envelope(number, f"asker:{number}:answers", room.schema, room.room_id, int(generation), expires_at_ms, order)
    is_given = bool(client.eval(ASK, 1, queue_key(node.decode()), encode(envelope), MOST_QUEUED, ANSWERS_LIFETIME_MS))
    if not is_given:
        log.warning("order_not_given", room=room.key, order=type(order).__name__)
    return is_given
