"""Danmaku, comments and likes between phones, through the real socket."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from realtime.ticket import issue_ticket
from rooms.engagement import actions, log
from rooms.engagement.models import Comment, Danmaku
from rooms.engagement.queries import count_likes, list_comments, list_danmaku
from rooms.moderation import actions as moderation
from rooms.moderation.mirror import mirror_shop
from rooms.moderation.models import RefusedWord
from rooms.program.actions import end_show, start_show
from rooms.program.air import client
from rooms.program.clock import current_entry, position
from rooms.program.queries import list_entries
from rooms.snapshot.queries import get_snapshot
from tests.rooms.building import HOST, Stage, heard
from tests.rooms.phone import in_shop, phones

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Stage:
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        start_show(room_id=stage.room_id, actor=HOST)
    return stage


async def test_a_danmaku_crosses_and_its_sender_has_it_at_once(aurora: Any, stage: Stage) -> None:
    """The answer carries the final message, stamped with the program clock; the others get the same one."""
    await asyncio.sleep(1.2)  # the first frame comes after the lead
    async with phones(aurora, stage, "ann", "ben") as (ann, ben):
        sent_at = clock.now_ms()
        answer = await ann.send("danmaku", text="  he KEPT   it?? ")
        line = answer["danmaku"]
        assert (answer["k"], line["text"], line["author"], line["nickname"]) == ("sent", "he KEPT it??", "ann", "Ann")
        assert await ben.of_kind("danmaku") == line
        entry = current_entry(await in_shop(aurora, lambda: list_entries(stage.room.airing_id)), sent_at)
        assert line["program_seq"] == entry.seq
        assert abs(line["position_ms"] - position(entry, sent_at)) <= 100


async def test_danmaku_are_saved_aside_and_served_at_their_program_times(aurora: Any, borealis: Any, stage: Stage) -> None:
    """By stretches of the episode, to the millisecond; draining twice saves once; a deleted line is gone, saved or not."""
    await asyncio.sleep(1.2)
    async with phones(aurora, stage, "ann") as (ann,):
        lines = [(await ann.send("danmaku", text=f"line {number}"))["danmaku"] for number in range(3)]
    await in_shop(aurora, actions.delete_danmaku, room_id=stage.room_id, danmaku_id=lines[1]["id"], actor=HOST)
    assert await in_shop(aurora, log.waiting.drain) == 3
    assert await in_shop(aurora, log.waiting.drain) == 0

    def read(**span: Any) -> list[tuple[str, int]]:
        return [(str(line.id), line.position_ms) for line in list_danmaku(stage.room_id, episode_id=stage.episodes[0], **span)]

    kept = [(line["id"], line["position_ms"]) for line in (lines[0], lines[2])]
    assert await in_shop(aurora, read, from_ms=0, to_ms=30_000) == kept
    assert await in_shop(aurora, read, from_ms=kept[0][1] + 1, to_ms=30_000) == [found for found in kept if found[1] > kept[0][1]]
    assert await in_shop(borealis, read, from_ms=0, to_ms=30_000) == []
    await in_shop(aurora, actions.delete_danmaku, room_id=stage.room_id, danmaku_id=lines[0]["id"], actor=HOST)
    assert await in_shop(aurora, read, from_ms=0, to_ms=30_000) == kept[1:]
    deleted = [message["id"] for message in heard(stage.room_id, aurora.schema) if message["k"] == "comment.deleted"]
    assert deleted == [lines[1]["id"], lines[0]["id"]]


async def test_a_new_name_is_taken_without_leaving(aurora: Any, stage: Stage) -> None:
    """The socket stays; what is said next carries the name. Another viewer's ticket, another role or another shop's change nothing."""
    fields = {"room_id": stage.room_id, "slug": stage.slug}
    async with phones(aurora, stage, "ann") as (ann,):
        strange = (
            issue_ticket("aurora", viewer_id="ben", nickname="Ben", **fields),
            issue_ticket("aurora", viewer_id="ann", nickname="Ann", role="owner", **fields),
            issue_ticket("borealis", viewer_id="ann", nickname="Ann", **fields),
        )
        for ticket in strange:
            assert (await ann.send("name", ticket=ticket))["code"] == "ticket_invalid"
        assert (await ann.send("comment", text="before"))["comment"]["nickname"] == "Ann"
    async with phones(aurora, stage, "ann") as (ann,):
        assert (await ann.send("name", ticket=issue_ticket("aurora", viewer_id="ann", nickname="Priya", **fields)))["k"] == "ack"
        assert (await ann.send("comment", text="after"))["comment"]["nickname"] == "Priya"


async def test_a_comment_is_saved_and_heard_by_everybody(aurora: Any, stage: Stage) -> None:
    """Lossless, with the same id for sender, others and those who come later; a deletion reaches every screen."""
    async with phones(aurora, stage, "ann", "ben") as (ann, ben):
        comment = (await ann.send("comment", text="is it real gold?"))["comment"]
        assert (await ben.of_kind("comment"))["comment"] == comment
        late = await in_shop(aurora, get_snapshot, room_id=stage.room_id, viewer_id="cleo")
        assert [str(found.id) for found in late.comments] == [comment["id"]]
        await in_shop(aurora, actions.pin_comment, room_id=stage.room_id, comment_id=comment["id"], actor=HOST)
        assert (await ben.of_kind("pin"))["comment"]["id"] == comment["id"]
        await in_shop(aurora, actions.delete_comment, room_id=stage.room_id, comment_id=comment["id"], actor=HOST)
        for phone in (ann, ben):
            assert (await phone.of_kind("comment.deleted"))["id"] == comment["id"]
        assert [message["comment"] for message in ben.got if message["k"] == "pin"][-1] is None
    late = await in_shop(aurora, get_snapshot, room_id=stage.room_id, viewer_id="cleo")
    assert (late.comments, late.pin) == ([], None)


async def test_likes_add_up_exactly(aurora: Any, stage: Stage) -> None:
    """Batches of many phones make one sum; each is acknowledged once it counts."""
    names = [f"viewer-{number}" for number in range(12)]
    async with phones(aurora, stage, *names) as crowd:
        for _ in range(2):
            answers = await asyncio.gather(*(phone.send("likes", count=number + 1) for number, phone in enumerate(crowd)))
            assert {answer["k"] for answer in answers} == {"ack"}
        await crowd[0].until(lambda message: message["k"] == "likes" and message["total"] == 2 * 78)
    airing_id = (await in_shop(aurora, lambda: stage.room)).airing_id
    assert await in_shop(aurora, count_likes, airing_id=airing_id) == 156
    await in_shop(aurora, actions.save_likes, airing_id=airing_id)
    client().flushdb()
    assert await in_shop(aurora, count_likes, airing_id=airing_id) == 156


async def test_what_is_refused_says_why_and_reaches_nobody(aurora: Any, stage: Stage) -> None:
    """Empty, too long, a refused word, a batch of likes that no thumb can do."""

    def refuse_word() -> None:
        RefusedWord.objects.create(text="spam")
        mirror_shop()

    await in_shop(aurora, refuse_word)
    async with phones(aurora, stage, "ann", "ben") as (ann, ben):
        answers = [
            await ann.send("danmaku", text=" \n "),
            await ann.send("danmaku", text="x" * 61),
            await ann.send("danmaku", text="s-p-a-m"),
            await ann.send("comment", text="SPAM!"),
            await ann.send("likes", count=31),
            await ann.send("likes", count=0),
        ]
        assert [answer["code"] for answer in answers] == [
            "text_empty", "text_too_long", "word_refused", "word_refused", "message_invalid", "message_invalid",
        ]  # fmt: skip
        assert answers[1]["params"] == {"length": 61, "most": 60}
        await asyncio.sleep(0.2)
        assert [message for message in ben.got if message["k"] in {"danmaku", "comment", "likes"}] == []
    assert await in_shop(aurora, Comment.objects.count) == 0
    assert await in_shop(aurora, log.waiting.drain) == 0


async def test_haste_is_refused_with_the_time_to_wait(aurora: Any, stage: Stage) -> None:
    """A burst of danmaku passes, then one a second."""
    async with phones(aurora, stage, "ann") as (ann,):
        answers = [await ann.send("danmaku", text=f"line {number}") for number in range(6)]
        assert [answer["k"] for answer in answers[:4]] == ["sent"] * 4
        assert (answers[5]["code"], answers[5]["params"]["retry_after_s"] >= 1) == ("too_many_requests", True)


async def test_a_muted_viewer_is_silent_in_this_room_at_once(aurora: Any, stage: Stage) -> None:
    """Until the mute is lifted; others write on, and everybody's screen is told."""
    async with phones(aurora, stage, "ann", "ben") as (ann, ben):
        assert (await ann.send("danmaku", text="before"))["k"] == "sent"
        await in_shop(aurora, moderation.mute, room_id=stage.room_id, viewer_id="ann", for_s=60, actor=HOST)
        refused = await ann.send("danmaku", text="after")
        assert refused["code"] == "muted"
        assert 55 <= refused["params"]["retry_after_s"] <= 60
        assert (await ann.send("comment", text="after"))["code"] == "muted"
        assert (await ben.send("danmaku", text="me not"))["k"] == "sent"
        assert (await ben.of_kind("mute"))["author"] == "ann"
        await in_shop(aurora, moderation.unmute, room_id=stage.room_id, viewer_id="ann", actor=HOST)
        assert (await ann.send("danmaku", text="again"))["k"] == "sent"


async def test_a_banned_viewer_is_silent_in_every_room_of_the_shop(aurora: Any, stage: Stage) -> None:
    """Also after Valkey has forgotten everything: the database knows."""
    await in_shop(aurora, moderation.ban, viewer_id="ann", actor=HOST)
    client().flushdb()
    async with phones(aurora, stage, "ann", "ben") as (ann, ben):
        assert (await ann.send("comment", text="hello"))["code"] == "banned"
        assert (await ben.send("comment", text="hello"))["k"] == "sent"
        await in_shop(aurora, moderation.unban, viewer_id="ann", actor=HOST)
        assert (await ann.send("comment", text="hello"))["k"] == "sent"


async def test_slow_mode_binds_shoppers_and_not_the_staff(aurora: Any, stage: Stage) -> None:
    """One message in thirty seconds, whatever its kind."""
    await in_shop(aurora, moderation.set_slow_mode, room_id=stage.room_id, seconds=30, actor=HOST)
    async with phones(aurora, stage, "ann") as (ann,):
        assert (await ann.send("comment", text="one"))["k"] == "sent"
        refused = await ann.send("danmaku", text="two")
        assert (refused["code"], 25 <= refused["params"]["retry_after_s"] <= 30) == ("slow_mode", True)
    async with phones(aurora, stage, "host", role="host") as (host,):
        assert [(await host.send("comment", text=text))["k"] for text in ("one", "two")] == ["sent", "sent"]


async def test_off_air_nothing_flies_but_people_may_talk(aurora: Any, set_up: Callable[..., Stage]) -> None:
    """Before the show the waiting room talks; danmaku and likes need a picture."""
    stage = await asyncio.to_thread(set_up, aurora, slug="before")
    async with phones(aurora, stage, "ann") as (ann,):
        assert (await ann.send("danmaku", text="early"))["code"] == "room_off_air"
        assert (await ann.send("likes", count=1))["code"] == "room_off_air"
        assert (await ann.send("comment", text="when does it start?"))["k"] == "sent"


def test_comments_come_page_by_page_without_the_deleted(aurora: Any, borealis: Any, stage: Stage) -> None:
    """Newest first, none twice, none missing, one query a page."""
    with in_schema(aurora.schema):
        for number in range(7):
            actions.post_comment(room_id=stage.room_id, viewer_id="ann", nickname="Ann", role="", text=str(number), program_seq=0, position_ms=0)
        actions.delete_comment(room_id=stage.room_id, comment_id=Comment.objects.get(text="3").pk, actor=HOST)
        seen, before = [], None
        while True:
            page = list_comments(stage.room_id, limit=2, before=before)
            seen += [comment.text for comment in page.items]
            before = page.next_before
            if before is None:
                break
        assert seen == ["6", "5", "4", "2", "1", "0"]
    with in_schema(borealis.schema):
        assert list_comments(stage.room_id).items == []


def test_the_lines_of_a_deleted_show_go_with_it(aurora: Any, stage: Stage) -> None:
    """A line whose show is gone is dropped, the others are saved."""
    from uuid import uuid4

    with in_schema(aurora.schema):
        end_show(room_id=stage.room_id, actor=HOST)
        airing_id = stage.room.airing_id
        for airing in (airing_id, uuid4()):
            line = log.Line(uuid4(), stage.room_id, airing, None, 1, 5, "ann", "Ann", "", "hello", clock.now())
            client().xadd(log.waiting.key(aurora.schema), log.waiting.pack(line))
        assert log.waiting.drain() == 2
        assert [found.airing_id for found in Danmaku.objects.all()] == [airing_id]
