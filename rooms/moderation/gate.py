"""The gate that every written message passes: who may write, how often, and which words. Two short round trips, no database."""

import unicodedata
from dataclasses import dataclass

from merchants.foundation import clock as wall
from merchants.foundation.tenancy import tenant_db
from realtime.context import SocketContext
from realtime.throttle import Limit
from rooms.moderation.errors import Banned, Muted, SlowMode, TextEmpty, TextTooLong, WordRefused
from rooms.moderation.mirror import mirror_mutes, mirror_shop, shop_key
from rooms.moderation.queries import list_refused_words
from rooms.moderation.words import WordList
from rooms.program.air import Air, AirCache, async_client

KEPT_LISTS = 1000

_airs = AirCache()
_words: dict[str, tuple[bytes, WordList]] = {}
_load_words = tenant_db(list_refused_words)
_restore_mutes = tenant_db(mirror_mutes)
_restore_shop = tenant_db(mirror_shop)


@dataclass(frozen=True)
class Admitted:
    """What passed the gate: the cleaned text, and the room at that moment."""

    text: str
    air: Air
    at_ms: int


async def admit(context: SocketContext, text: str, *, most: int) -> Admitted:
    """Let a message of at most `most` characters through, or refuse it.

    Raises: TextEmpty, TextTooLong, Muted, Banned, WordRefused, SlowMode, RedisError.
    """
    text = clean(text, most=most)
    at_ms = wall.now_ms()
    air = await _check_person(context, at_ms)
    await _check_shop(context.schema, context.viewer.viewer_id, text)
    if air.slow_mode_s and not context.viewer.role:
        await _take_turn(context, air.slow_mode_s)
    return Admitted(text=text, air=air, at_ms=at_ms)


async def find_air(context: SocketContext) -> Air:
    """The room for messages without text: bans and mutes do not bind them. Raises: RedisError."""
    air, _ = await _airs.get(context.schema, context.room_id)
    return air


def clean(text: str, *, most: int) -> str:
    """One line of visible characters (NFC). Raises: TextEmpty, TextTooLong."""
    visible = "".join(" " if char.isspace() else char for char in text if char.isspace() or _is_visible(char))
    line = unicodedata.normalize("NFC", " ".join(visible.split()))
    if not any(char.isprintable() and not unicodedata.combining(char) for char in line):
        raise TextEmpty
    if len(line) > most:
        raise TextTooLong(length=len(line), most=most)
    return line


def _is_visible(char: str) -> bool:
    """Joiners stay, since emoji are built with them; controls and direction marks go: they would garble the lane."""
    return char in "\u200d\ufe0f" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


async def _check_person(context: SocketContext, at_ms: int) -> Air:
    viewer_id = context.viewer.viewer_id
    air, (mirrored, muted) = await _airs.get(context.schema, context.room_id, "mutes", f"mute:{viewer_id}")
    if mirrored is None:
        await _restore_mutes(context.schema, room_id=context.room_id)
        air, (_, muted) = await _airs.get(context.schema, context.room_id, "mutes", f"mute:{viewer_id}")
    if muted is not None and int(muted) > at_ms:
        raise Muted(retry_after_s=-(-(int(muted) - at_ms) // 1000))
    return air


async def _check_shop(schema: str, viewer_id: str, text: str) -> None:
    """The shop's bans and words, which bind every room."""
    key, fields = shop_key(schema), ["words", f"ban:{viewer_id}"]
    token, banned = await async_client().hmget(key, fields)
    if token is None:
        await _restore_shop(schema)
        token, banned = await async_client().hmget(key, fields)
    if banned is not None:
        raise Banned
    held = _words.get(schema)
    if held is None or held[0] != token:
        if len(_words) >= KEPT_LISTS:
            _words.clear()
        held = _words[schema] = (token, WordList(await _load_words(schema)))
    if held[1].refuses(text):
        raise WordRefused


async def _take_turn(context: SocketContext, slow_mode_s: int) -> None:
    wait_s = await context.take_token(f"slow:{context.viewer.viewer_id}", Limit(per_s=1 / slow_mode_s, burst=1))
    if wait_s > 0:
        raise SlowMode(retry_after_s=max(1, -(-int(wait_s * 1000) // 1000)))
