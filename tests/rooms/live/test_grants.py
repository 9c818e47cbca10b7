"""Grants to send and to watch: what they open, once, and for whom."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from merchants.foundation import signing
from merchants.foundation.ids import new_id
from rooms.live import grants
from rooms.live.errors import GrantInvalid, TokenUsed
from rooms.live.grants import Grant, read_grant, sign_grant
from rooms.program.air import async_client, client

ROOM = new_id()


def grant(role: Any = "primary", *, within_s: int = 60, room_id: UUID = ROOM) -> tuple[str, Grant]:
    token = sign_grant("aurora", room_id=room_id, slug="harbour", role=role, begins_within_s=within_s)
    return token, read_grant("aurora", "harbour", token)


def test_a_grant_says_room_and_role() -> None:
    """What was signed comes back."""
    _, read = grant("backup")
    assert (read.room_id, read.role, read.is_publishing, read.room("aurora").key) == (ROOM, "backup", True, f"aurora:{{room:{ROOM}}}")
    assert not grant("viewer")[1].is_publishing


@pytest.mark.parametrize(
    ("schema", "slug", "spoil"),
    [
        ("borealis", "harbour", ""),
        ("aurora", "pier", ""),
        ("aurora", "harbour", "x"),
        ("aurora", "harbour", "x" * 5000),
    ],
)
def test_a_grant_is_void_elsewhere(schema: str, slug: str, spoil: str) -> None:
    """Another shop, another room, a forged end, a giant."""
    token, _ = grant()
    with pytest.raises(GrantInvalid):
        read_grant(schema, slug, token + spoil)


def test_words_for_other_purposes_are_no_grants() -> None:
    """Nor is a payload that has another form."""
    for purpose, payload in (("room-ticket", {"role": "primary"}), (grants.PURPOSE, {"role": "owner"}), (grants.PURPOSE, {})):
        with pytest.raises(GrantInvalid):
            read_grant("aurora", "harbour", signing.sign_for("aurora", purpose, payload, 60))


async def test_a_grant_to_send_works_once() -> None:
    """Of twenty who try at the same moment one gets in; its key begins with the shop and goes by itself."""
    _, read = grant()
    results = await asyncio.gather(*(grants.claim("aurora", read) for _ in range(20)), return_exceptions=True)
    assert [result for result in results if result is None] == [None]
    assert {type(result) for result in results if result is not None} == {TokenUsed}
    (key,) = [name.decode() for name in client().keys("*:grant:*")]
    assert key.startswith(f"aurora:{{room:{ROOM}}}:")
    assert 0 < client().ttl(key) <= grants.LIFETIME_S
    await async_client().aclose()


async def test_a_grant_owns_the_session_it_opened_and_no_other() -> None:
    """Also after somebody guessed; before anything was opened it owns nothing."""
    _, read = grant()
    _, other = grant()
    await grants.claim("aurora", read)
    assert not await grants.owns("aurora", read, "")
    await grants.settle("aurora", read, "session-1")
    assert await grants.owns("aurora", read, "session-1")
    assert not await grants.owns("aurora", read, "session-2")
    assert not await grants.owns("aurora", other, "session-1")
    await async_client().aclose()


async def test_a_grant_that_opened_nothing_may_be_used_again() -> None:
    """A full node, a wrong codec: the next try gets in."""
    _, read = grant()
    await grants.claim("aurora", read)
    await grants.give_back("aurora", read)
    await grants.claim("aurora", read)
    await async_client().aclose()


async def test_it_is_too_late_for_an_old_grant_to_begin() -> None:
    """It is refused unused, and a viewer's too."""
    for role in ("primary", "viewer"):
        _, read = grant(role, within_s=-1)
        with pytest.raises(GrantInvalid):
            await grants.claim("aurora", read)
    assert client().keys("*:grant:*") == []
    await async_client().aclose()


async def test_a_grant_to_watch_may_be_used_again() -> None:
    """A player that reconnects."""
    _, read = grant("viewer")
    for _ in range(3):
        await grants.claim("aurora", read)
    assert client().keys("*:grant:*") == []
    await async_client().aclose()
