"""Grants: signed, short-lived words that let a program send into a room, or watch it, without a session of its own.

A grant to send works once: who finds it in a log or over a shoulder finds it used. The session it opened stays its own: the
same word ends it, for a day.
"""

import secrets
from typing import Any
from uuid import UUID

import msgspec

from merchants.foundation import clock as wall
from merchants.foundation import signing
from merchants.foundation.audit import record_action
from merchants.foundation.tenancy import current_schema
from realtime.rtc import whip
from realtime.rtc.names import Role, RoomName
from realtime.topics import NAME
from rooms.live.errors import GrantInvalid, TokenUsed
from rooms.program.air import async_client

PURPOSE = "live-grant"
# A grant begins a session within ten minutes, and can end it within a day.
BEGINS_WITHIN_S = 600
LIFETIME_S = 86_400
NUMBER_BYTES = 12


class Grant(msgspec.Struct, frozen=True):
    """What is signed. `number` tells grants apart; `begins_until_ms` is milliseconds since 1970. `name` is a guest's."""

    room_id: UUID
    slug: str
    role: Role
    number: str
    begins_until_ms: int
    name: str = ""

    @property
    def is_publishing(self) -> bool:
        return self.role != "viewer"

    def room(self, schema: str) -> RoomName:
        return RoomName.of(schema, self.room_id)

    def as_whip(self, schema: str, *, is_muted: bool = False) -> whip.Grant:
        return whip.Grant(self.room(schema), self.role, self.name, is_muted)


def issue_grant(*, room_id: UUID, slug: str, role: Role, actor: str, name: str = "") -> str:
    """Needs: the tenant's schema, an open transaction (the audit's row). Who may ask for which role is the door's matter."""
    token = sign_grant(current_schema(), room_id=room_id, slug=slug, role=role, name=name)
    record_action(actor=actor, action="live.grant", subject=f"room:{room_id}", role=role)
    return token


def sign_grant(schema: str, *, room_id: UUID, slug: str, role: Role, name: str = "", begins_within_s: int = BEGINS_WITHIN_S) -> str:
    grant = Grant(room_id, slug, role, secrets.token_hex(NUMBER_BYTES), wall.now_ms() + begins_within_s * 1000, name)
    return signing.sign_for(schema, PURPOSE, msgspec.to_builtins(grant), LIFETIME_S)


def read_grant(schema: str, slug: str, token: str) -> Grant:
    """Needs no database.

    Raises: GrantInvalid (forged, expired, another shop's, another room's).
    """
    try:
        payload: dict[str, Any] = signing.read_for(schema, PURPOSE, token)
        grant = msgspec.convert(payload, Grant)
    except (signing.TokenInvalid, signing.TokenExpired, msgspec.ValidationError) as error:
        raise GrantInvalid from error
    if grant.slug != slug or not NAME.match(grant.number):
        raise GrantInvalid
    return grant


def grant_key(schema: str, grant: Grant) -> str:
    return f"{grant.room(schema).key}:grant:{grant.number}"


async def claim(schema: str, grant: Grant) -> None:
    """Use a grant, once over all processes.

    Raises: GrantInvalid when it is too late to begin, TokenUsed, RedisError.
    """
    if wall.now_ms() > grant.begins_until_ms:
        raise GrantInvalid
    if grant.is_publishing and not await async_client().set(grant_key(schema, grant), "", nx=True, ex=LIFETIME_S):
        raise TokenUsed


async def settle(schema: str, grant: Grant, session: str) -> None:
    """The session that the grant opened: the only one it may end."""
    if grant.is_publishing:
        await async_client().set(grant_key(schema, grant), session, xx=True, keepttl=True)


async def give_back(schema: str, grant: Grant) -> None:
    """Nothing came of it: the next try may use it."""
    if grant.is_publishing:
        await async_client().delete(grant_key(schema, grant))


async def owns(schema: str, grant: Grant, session: str) -> bool:
    """A viewer's grant opens many sessions, whose ids are secrets of their own."""
    if not grant.is_publishing:
        return True
    held: bytes | None = await async_client().get(grant_key(schema, grant))
    return bool(session) and held == session.encode()
