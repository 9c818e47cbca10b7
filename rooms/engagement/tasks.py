"""Periodic work of the crowd."""

from merchants.foundation.tenancy import tenant_task
from rooms.engagement import actions, log
from rooms.program.queries import list_rooms_on_air


@tenant_task(ignore_result=True)
def drain_danmaku() -> None:
    log.waiting.drain()


@tenant_task(ignore_result=True)
def save_likes() -> None:
    for room in list_rooms_on_air(with_rehearsals=True):
        if room.airing_id is not None:
            actions.save_likes(airing_id=room.airing_id)
