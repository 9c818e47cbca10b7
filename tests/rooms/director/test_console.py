"""The console's REST: who may press what, what it does, what it says."""

from collections.abc import Callable
from typing import Any

import pytest

from dramas.seasons.queries import list_cues
from merchants.accounts.permissions import PERMISSIONS
from merchants.accounts.roles import Role
from merchants.foundation.ids import new_id
from merchants.foundation.models import AuditEntry
from merchants.foundation.tenancy import in_schema
from rooms.cards.queries import list_shown_cards
from rooms.engagement.actions import post_comment
from rooms.moderation.queries import is_banned, list_mutes
from rooms.program.actions import start_show
from tests.dramas.building import make_product
from tests.rooms.building import HOST, Stage, count_rows, heard

pytestmark = pytest.mark.django_db(transaction=True)

AIR = ["start", "end", "undo", "next", "previous", "play", "slate", "back", "cards/raise", "cards/lower", "products/pin", "cues/fire"]
AIR += ["go-live", "return", "live/token"]
MODERATE = ["pin", "mute", "unmute", "ban", "unban", "delete", "slow-mode"]


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Stage:
    return set_up(aurora)


def press(client: Any, slug: str, button: str, **fields: Any) -> Any:
    return client.post(f"/api/v1/console/{slug}/{button}", fields, content_type="application/json")


def test_the_buttons_are_pressed_by_those_who_may(aurora: Any, stage: Stage, enter: Callable[..., Any], browse: Callable[..., Any]) -> None:
    """Every button with every role: the permission table decides, and a refusal changes nothing."""
    with in_schema(aurora.schema):
        rows = count_rows()
    for role in Role.values:
        client = enter(aurora, role)
        for button in [*AIR, *MODERATE]:
            may = role in PERMISSIONS["rooms.air" if button in AIR else "rooms.moderate"]
            answer = press(client, stage.slug, button, nonsense=1)
            assert answer.status_code == (422 if may else 403), (role, button)
        assert client.get(f"/api/v1/console/{stage.slug}/state").status_code == (200 if role in PERMISSIONS["rooms.moderate"] else 403)
    for button in [*AIR, *MODERATE]:
        assert press(browse(aurora), stage.slug, button).status_code == 401
    assert browse(aurora).get(f"/api/v1/console/{stage.slug}/state").status_code == 401
    with in_schema(aurora.schema):
        assert count_rows() == rows


def test_another_shops_host_finds_nothing_here(aurora: Any, borealis: Any, stage: Stage, enter: Callable[..., Any]) -> None:
    """The same address in another shop is another room, and this one stands still."""
    with in_schema(aurora.schema):
        rows = count_rows()
    stranger = enter(borealis, "host")
    assert press(stranger, stage.slug, "start").json()["error"]["code"] == "room_not_found"
    assert stranger.get(f"/api/v1/console/{stage.slug}/state").status_code == 404
    with in_schema(aurora.schema):
        assert (count_rows(), heard(stage.room_id)) == (rows, [])


def test_a_host_runs_a_show(aurora: Any, stage: Stage, enter: Callable[..., Any]) -> None:
    """Start, next, slate, back, end, undo: each answer is the console's new state, each press leaves its trace."""
    host = enter(aurora, "host")
    before = host.get(f"/api/v1/console/{stage.slug}/state").json()
    assert (before["state"], before["moves"]["start"], before["moves"]["end"], before["problem"]) == ("scheduled", True, False, "")
    assert [episode["number"] for episode in before["episodes"]] == [1, 2, 3, 4, 5, 6]
    states = [press(host, stage.slug, button).json() for button in ("start", "next", "slate", "back", "end", "undo")]
    assert [state["state"] for state in states] == ["drama", "drama", "waiting", "drama", "ended", "drama"]
    assert [state["undo"]["move"] if state["undo"] else None for state in states] == ["start", "next", "slate", "back", "end", None]
    moves = {"start": False, "end": True, "undo": True, "next": True, "previous": True, "slate": True, "back": True, "return": True}
    assert states[2]["moves"] == moves | {"go_live": False, "go_live_at_end": False}
    refused = press(host, stage.slug, "start")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "illegal_move")
    with in_schema(aurora.schema):
        actions = (
            AuditEntry.objects.filter(actor__startswith="host@", action__startswith="room.")
            .exclude(action="room.create")
            .order_by("pk")
            .values_list("action", flat=True)
        )
        assert list(actions) == ["room.start", "room.next", "room.slate", "room.back", "room.end", "room.undo"]


def test_a_season_without_approval_says_so(aurora: Any, set_up: Callable[..., Stage], enter: Callable[..., Any]) -> None:
    """Before the press in the state, after it in the refusal."""
    stage = set_up(aurora, is_approved=False)
    host = enter(aurora, "host")
    state = host.get(f"/api/v1/console/{stage.slug}/state").json()
    assert (state["problem"], state["moves"]["start"]) == ("season_not_airable", False)
    assert press(host, stage.slug, "start").json()["error"]["code"] == "season_not_airable"


def test_cards_and_cues_by_hand(aurora: Any, stage: Stage, enter: Callable[..., Any]) -> None:
    """Raise, pin, fire, lower."""
    host = enter(aurora, "host")
    press(host, stage.slug, "start")
    with in_schema(aurora.schema):
        product, cue = make_product("Scarf"), list_cues(stage.episodes[0])[0]
    assert press(host, stage.slug, "cards/raise", product_id=str(product.id), ttl_s=20).status_code == 200
    assert press(host, stage.slug, "products/pin", product_id=str(product.id)).status_code == 200
    assert press(host, stage.slug, "cards/lower", card_id=str(new_id()), cue_id=str(cue.id)).status_code == 422
    with in_schema(aurora.schema):
        card = list_shown_cards(stage.room_id)[0]
    assert press(host, stage.slug, "cards/lower", card_id=str(card.id)).status_code == 200
    assert press(host, stage.slug, "cards/lower", card_id=str(card.id)).json()["error"]["code"] == "card_not_shown"
    with in_schema(aurora.schema):
        said = [message["k"] for message in heard(stage.room_id)][3:]
        assert said == ["bag", "card", "bag", "card.lower"]


def test_a_moderator_keeps_order(aurora: Any, stage: Stage, enter: Callable[..., Any]) -> None:
    """Pin, delete, mute, ban, slow mode; the console shows who is muted."""
    moderator = enter(aurora, "moderator")
    with in_schema(aurora.schema):
        start_show(room_id=stage.room_id, actor=HOST)
        comment = post_comment(room_id=stage.room_id, viewer_id="ann", nickname="Ann", role="", text="hi", program_seq=0, position_ms=0)
        before = heard(stage.room_id)
    state = press(moderator, stage.slug, "mute", viewer_id="ann", nickname="Ann", for_s=600).json()
    assert [(mute["viewer_id"], mute["nickname"]) for mute in state["mutes"]] == [("ann", "Ann")]
    assert press(moderator, stage.slug, "pin", comment_id=str(comment.id)).status_code == 200
    assert press(moderator, stage.slug, "delete", of="comment", id=str(comment.id)).status_code == 200
    assert press(moderator, stage.slug, "delete", of="comment", id=str(comment.id)).json()["error"]["code"] == "comment_not_found"
    assert press(moderator, stage.slug, "delete", of="danmaku", id=str(new_id())).status_code == 200
    assert press(moderator, stage.slug, "slow-mode", seconds=10).json()["slow_mode_s"] == 10
    assert press(moderator, stage.slug, "slow-mode", seconds=301).status_code == 422
    assert press(moderator, stage.slug, "unmute", viewer_id="ann").json()["mutes"] == []
    assert press(moderator, stage.slug, "ban", viewer_id="ben").status_code == 200
    with in_schema(aurora.schema):
        assert (is_banned("ben"), list_mutes(stage.room_id)) == (True, [])
        said = [message["k"] for message in heard(stage.room_id)[len(before) :]]
        assert said == ["mute", "pin", "pin", "comment.deleted", "comment.deleted", "rules", "mute"]
    assert press(moderator, stage.slug, "unban", viewer_id="ben").status_code == 200
    with in_schema(aurora.schema):
        assert not is_banned("ben")
