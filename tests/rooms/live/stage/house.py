"""A house with a live host: what tests of the stage begin with. Everything here needs the shop's schema."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from merchants.foundation import clock
from merchants.foundation.tenancy import current_schema
from realtime.publish import Topic
from realtime.rtc.overview import Overview, Publisher
from rooms.live.stage import actions
from rooms.live.stage.models import StageGuest
from rooms.program.actions import go_live, start_show
from tests.rooms.building import HOST, Stage, heard, read_topic
from tests.rooms.live.lines import report, tell

HEARD = 10
LONG_AGO = 9_000


def go_on_air(stage: Stage) -> None:
    """Live for some seconds, after some of the drama."""
    for story, ago_s in ((start_show, 10), (go_live, 5)):
        with clock.frozen(clock.now() - timedelta(seconds=ago_s)):
            story(room_id=stage.room_id, actor=HOST)


def row_of(viewer: str) -> StageGuest:
    """The newest of this viewer's."""
    found = StageGuest.objects.filter(viewer_id=viewer).order_by("-id").first()
    assert found is not None
    return found


def ask(stage: Stage, viewer: str, *, has_picture: bool = True) -> UUID:
    actions.ask(room_id=stage.room_id, viewer_id=viewer, nickname=viewer.title(), has_picture=has_picture)
    return row_of(viewer).pk


def lines_of(*guests: UUID | str, heard_ms: int = HEARD, is_muted: bool = False) -> Overview:
    """What a node tells of a host and these guests."""
    base = report()
    senders = [Publisher(f"guest-{guest}", "guest", str(guest), True, True, heard_ms, 6_000, 12.5, (), is_muted=is_muted) for guest in guests]
    return Overview(base.node, True, (*base.publishers, *senders), base.viewers, 0, 20.0)


def bring_backstage(stage: Stage, viewer: str, **how: Any) -> UUID:
    guest_id = ask(stage, viewer, **how)
    actions.invite(room_id=stage.room_id, guest_id=guest_id, actor=HOST)
    return guest_id


def bring_on_stage(stage: Stage, viewer: str, **how: Any) -> UUID:
    guest_id = bring_backstage(stage, viewer, **how)
    tell(stage.room_id, lines_of(guest_id))
    actions.admit(room_id=stage.room_id, guest_id=guest_id, actor=HOST)
    return guest_id


def told_everybody(stage: Stage) -> list[dict[str, Any]]:
    return [message for message in heard(stage.room_id) if message["k"] == "guests"]


def told(viewer: str) -> list[dict[str, Any]]:
    """What this viewer alone was told, oldest first."""
    return [message for message in read_topic(Topic.viewer(current_schema(), viewer)) if message["k"] == "stage.mine"]
