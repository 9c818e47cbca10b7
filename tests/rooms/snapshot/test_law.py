"""The law of the snapshot: old snapshot + later messages = new snapshot."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest

from commerce.stock.actions import set_stock
from dramas.seasons.queries import list_cues
from merchants.foundation import clock
from merchants.foundation.errors import DomainError
from merchants.foundation.tenancy import in_schema
from realtime.publish import Topic
from rooms.cards import actions as cards
from rooms.cards import messages as card_messages
from rooms.cards.queries import list_shown_cards
from rooms.director.actions import direct
from rooms.engagement import actions as crowd
from rooms.engagement import messages as crowd_messages
from rooms.engagement.models import Comment
from rooms.live.stage import actions as guests
from rooms.live.stage import messages as stage_messages
from rooms.live.stage.models import StageGuest
from rooms.moderation import actions as moderation
from rooms.moderation import messages as moderation_messages
from rooms.program import actions
from rooms.program import messages as program_messages
from rooms.snapshot.messages import Snapshot
from rooms.snapshot.queries import get_snapshot
from rooms.snapshot.reducer import Screen
from tests.dramas.building import count_queries, make_product
from tests.rooms.building import HOST, Stage, heard, read_topic
from tests.rooms.live.lines import tell
from tests.rooms.live.stage.house import HEARD, LONG_AGO, lines_of

pytestmark = pytest.mark.django_db(transaction=True)

VIEWER = "viewer-1"
STRUCTS = {
    struct.__struct_config__.tag: struct
    for struct in (
        program_messages.Program, program_messages.State, card_messages.Card, card_messages.CardLower, card_messages.Product, card_messages.Bag,
        crowd_messages.Comment, crowd_messages.CommentDeleted, crowd_messages.Pin, moderation_messages.Mute, moderation_messages.Rules,
        stage_messages.Guests, stage_messages.Standing,
    )
}  # fmt: skip


class Host:
    """Does anything a host, a crowd and time may do, at random."""

    def __init__(self, stage: Stage, random: Random, at: datetime) -> None:
        self.stage, self.random, self.at = stage, random, at
        self.products = [make_product(f"Product {number}") for number in range(5)]
        self.cues = [list_cues(episode)[0].id for episode in stage.episodes[:2]]

    def act(self) -> None:
        self.at += timedelta(milliseconds=self.random.choice([50, 400, 900, 3_000, 11_000]))
        with clock.frozen(self.at):
            try:
                self.random.choice(self.moves())()
            except DomainError:
                pass  # refused moves must not move the snapshot either

    def moves(self) -> list[Callable[[], Any]]:
        room = {"room_id": self.stage.room_id, "actor": HOST}
        product = self.random.choice(self.products)
        shown, comment = list_shown_cards(self.stage.room_id), Comment.objects.order_by("?").first()
        program = [lambda move=move: move(**room) for move in (
            actions.start_show, actions.end_show, actions.play_next, actions.play_previous, actions.put_up_slate, actions.go_back, actions.undo,
            actions.go_live, actions.go_live,
        )]  # fmt: skip
        return [
            *program,
            *program[:1] * 3,
            lambda: direct(room_id=self.stage.room_id),
            lambda: cards.raise_card(product_id=product.id, ttl_s=self.random.choice([5, 60]), **room),
            lambda: cards.raise_card(product_id=product.id, ttl_s=60, **room),
            lambda: cards.lower_card(card_id=self.random.choice(shown).id, **room) if shown else None,
            lambda: cards.pin_product(product_id=self.random.choice([product.id, None]), **room),
            lambda: set_stock(variant_id=product.variants[0].id, available=self.random.randint(0, 9), reason="count", actor=HOST),
            lambda: cards.lower_cue(cue_id=self.random.choice(self.cues), **room),
            self.say,
            self.say,
            lambda: crowd.delete_comment(comment_id=comment.pk, **room) if comment else None,
            lambda: crowd.pin_comment(comment_id=comment.pk if comment else None, **room),
            lambda: moderation.mute(viewer_id=self.random.choice([VIEWER, "other"]), for_s=self.random.choice([10, 600]), **room),
            lambda: moderation.unmute(viewer_id=VIEWER, **room),
            lambda: moderation.set_slow_mode(seconds=self.random.choice([0, 5, 30]), **room),
            *[self.move_on_stage] * 5,
        ]

    def move_on_stage(self) -> None:
        """Whoever asks, waits or stands there: the next step, or none."""
        room_id, viewer = self.stage.room_id, self.random.choice([VIEWER, "other"])
        held = StageGuest.objects.exclude(standing="over").filter(viewer_id=viewer).first()
        if held is None:
            guests.ask(room_id=room_id, viewer_id=viewer, nickname=viewer, has_picture=self.random.random() < 0.5)
            return
        report = lines_of(held.pk, heard_ms=self.random.choice([HEARD, LONG_AGO]), is_muted=held.is_muted)
        by_hand = {"room_id": room_id, "guest_id": held.pk, "actor": HOST}
        self.random.choice(
            [
                lambda: guests.invite(**by_hand),
                lambda: guests.invite(**by_hand),
                lambda: tell(room_id, report) or guests.admit(**by_hand),
                lambda: tell(room_id, report) or guests.admit(**by_hand),
                lambda: guests.mute_guest(**by_hand),
                lambda: guests.unmute_guest(**by_hand),
                lambda: guests.remove_guest(**by_hand),
                lambda: guests.withdraw(room_id=room_id, viewer_id=viewer),
                lambda: guests.tend_stage(room_id=room_id, report=report),
            ]
        )()

    def say(self) -> None:
        crowd.post_comment(
            room_id=self.stage.room_id, viewer_id=VIEWER, nickname="Ann", role="", text=f"number {self.random.random()}", program_seq=0, position_ms=0
        )


def essence(snapshot: Snapshot) -> dict[str, Any]:
    """What a viewer sees: without the revisions, which say what is news, and counters that travel as lossy messages."""
    found = msgspec.to_builtins(snapshot)
    for name in ("revision", "bag_revision", "pin_revision", "rules_revision", "guests_revision", "own_stage_revision", "likes_total"):
        del found[name]
    for product in found["products"]:
        del product["as_of_ms"]
    return found


def read(message: dict[str, Any]) -> Any:
    return msgspec.convert({name: value for name, value in message.items() if name not in {"s", "on"}}, STRUCTS[message["k"]])


def own_stream(shop: Any) -> list[dict[str, Any]]:
    """What the viewer alone is told."""
    return read_topic(Topic.viewer(shop.schema, VIEWER))


@pytest.mark.parametrize("seed", range(5))
def test_old_snapshot_and_later_messages_make_the_new_snapshot(aurora: Any, set_up: Callable[..., Stage], seed: int) -> None:
    """From every moment on, also when the last messages before the snapshot are heard again, and all of them twice."""
    random = Random(seed)
    with in_schema(aurora.schema):
        stage = set_up(aurora)
        host = Host(stage, random, clock.now())
        joined: list[tuple[int, int, Snapshot]] = []
        for _ in range(36):
            if random.random() < 0.25:
                with clock.frozen(host.at):
                    joined.append((len(heard(stage.room_id)), len(own_stream(aurora)), get_snapshot(stage.room_id, VIEWER)))
            host.act()
        told, told_me = ([read(message) for message in stream] for stream in (heard(stage.room_id), own_stream(aurora)))
        with clock.frozen(host.at):
            fresh = essence(get_snapshot(stage.room_id, VIEWER))
        assert joined
        for seen, seen_own, snapshot in joined:
            screen = Screen(snapshot, VIEWER)
            own = [*told_me[max(0, seen_own - 2) :], *told_me[seen_own:]]
            for message in [*told[max(0, seen - 2) :], *own, *told[seen:]]:
                screen.apply(message)
            assert essence(screen.at(clock.to_ms(host.at))) == fresh


def test_a_snapshot_costs_the_same_however_full_the_room_is(aurora: Any, set_up: Callable[..., Stage]) -> None:
    """A constant number of queries: comments, cards and products do not add to it."""
    with in_schema(aurora.schema):
        stage = set_up(aurora)
        actions.start_show(room_id=stage.room_id, actor=HOST)
        with clock.frozen(clock.now() + timedelta(seconds=3)):
            empty = count_queries(lambda: get_snapshot(stage.room_id, VIEWER))
            for number in range(3):
                cards.raise_card(room_id=stage.room_id, product_id=make_product(f"P{number}").id, actor=HOST)
                Host(stage, Random(number), clock.now()).say()
            assert count_queries(lambda: get_snapshot(stage.room_id, VIEWER)) == empty


def test_a_snapshot_holds_nothing_of_another_shop(aurora: Any, borealis: Any, set_up: Callable[..., Stage]) -> None:
    """Two shops with a room of the same address: each sees its own."""
    with in_schema(aurora.schema):
        mine = set_up(aurora)
        Host(mine, Random(1), clock.now()).say()
    with in_schema(borealis.schema):
        theirs = set_up(borealis)
        assert theirs.slug == mine.slug
        assert get_snapshot(theirs.room_id, VIEWER).comments == []
        with pytest.raises(DomainError):
            get_snapshot(mine.room_id, VIEWER)
