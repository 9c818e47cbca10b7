"""Mutes, bans and the word list's version in Valkey, where every message looks. PostgreSQL is the truth.

A room's hash (see rooms/program/air.py) holds `mutes` ("1": the mutes are mirrored) and `mute:<viewer>` (epoch ms of its end).
The shop's hash `<schema>:moderation` holds `words` (a token that changes with the list) and `ban:<viewer>`.
"""

import secrets
from uuid import UUID

from django.db import transaction
from redis.exceptions import RedisError

from merchants.foundation.tenancy import current_schema, tenant_key
from rooms.moderation.queries import list_ban_ends, list_mute_ends
from rooms.program.air import MIRROR_LIFETIME_S, client, mirror_key


def shop_key(schema: str) -> str:
    return tenant_key("moderation", schema=schema)


def mirror_mutes(room_id: UUID | str) -> None:
    """Replace the room's mutes in Valkey. Raises: RedisError."""
    key = mirror_key(current_schema(), room_id)
    held = client().hkeys(key)  # before the database: a field written meanwhile by another story must not look stale
    ends = {f"mute:{viewer_id}": end for viewer_id, end in list_mute_ends(room_id).items()}
    with client().pipeline(transaction=True) as pipe:
        stale = [field for field in held if field.startswith(b"mute:") and field.decode() not in ends]
        if stale:
            pipe.hdel(key, *stale)
        pipe.hset(key, mapping={"mutes": "1", **ends})
        pipe.expire(key, MIRROR_LIFETIME_S)
        pipe.execute()


def mirror_shop() -> None:
    """Replace the shop's bans, and make every process read the word list again. Raises: RedisError."""
    key = shop_key(current_schema())
    ends = {f"ban:{viewer_id}": end for viewer_id, end in list_ban_ends().items()}
    with client().pipeline(transaction=True) as pipe:
        pipe.delete(key)
        pipe.hset(key, mapping={"words": secrets.token_hex(6), **ends})
        pipe.expire(key, MIRROR_LIFETIME_S)
        pipe.execute()


def mirror_mutes_on_commit(room_id: UUID | str) -> None:
    transaction.on_commit(lambda: _forgive(lambda: mirror_mutes(room_id)))


def mirror_shop_on_commit() -> None:
    transaction.on_commit(lambda: _forgive(mirror_shop))


def _forgive(write):  # type: ignore[no-untyped-def]
    try:
        write()
    except RedisError:
        return  # the director writes both again within seconds
