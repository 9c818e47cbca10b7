"""Socket messages of the stage."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

import msgspec

from realtime.messages import MOST_INCOMING_BYTES, Incoming, Lossless
from realtime.throttle import Limit

OwnStanding = Literal["asked", "backstage", "on_stage"]
# A line as a viewer names it: `host`, a guest's id, or nothing for a place that is not used now.
LineName = Annotated[str, msgspec.Meta(max_length=36)]


class GuestView(msgspec.Struct):
    """A guest on stage. `id` names the line, `place` the tile. `is_gone`: nothing arrives from them at the moment."""

    id: UUID
    nickname: str
    place: int
    has_picture: bool
    is_muted: bool
    is_gone: bool


class OwnStage(msgspec.Struct):
    """How one viewer stands. `guest_id` names their own line."""

    guest_id: UUID
    standing: OwnStanding
    has_picture: bool
    is_muted: bool


class Guests(Lossless, tag="guests"):
    """Who is on stage, by place, and how many wait to come. Of two, the one with the greater `revision` holds."""

    revision: int
    guests: list[GuestView]
    waiting: int


class Standing(Lossless, tag="stage.mine"):
    """To one viewer: how they stand in the room `room_id`; None when it is over, and `ending` says why then.

    Of two, the one with the greater `revision` holds.
    """

    room_id: UUID
    revision: int
    own: OwnStage | None
    ending: str = ""


class AskForStage(Incoming, tag="stage.ask"):
    """Asks to come on stage. Answered by `stage.mine`; a second time changes nothing but the kind."""

    limit: ClassVar[Limit] = Limit(per_s=0.5, burst=10)

    has_picture: bool


class LeaveStage(Incoming, tag="stage.withdraw"):
    """Takes the request back, or leaves the stage."""


class LookAtStage(Incoming, tag="stage.look"):
    """Asks how one stands; answered by `stage.mine`. For who comes back."""

    limit: ClassVar[Limit] = Limit(per_s=0.5, burst=5)


class GuestPublish(Incoming, tag="stage.publish"):
    """Offers to send as the guest that this viewer is: one video and one audio, or audio alone. For who was invited.

    Answered by `live.answer`.
    """

    limit: ClassVar[Limit] = Limit(per_s=0.5, burst=5)
    most_bytes: ClassVar[int] = MOST_INCOMING_BYTES

    sdp: str


class WatchLines(Incoming, tag="stage.watch"):
    """Offers to receive `lines` on the connection `session` of this socket: the n-th video and audio are the n-th line's.

    Shoppers name a session that `live.watch` opened, and guests on stage. Staff who moderate may watch guests backstage, and
    without a session begin a connection of its own. Answered by `live.answer`.
    """

    limit: ClassVar[Limit] = Limit(per_s=1, burst=10)
    most_bytes: ClassVar[int] = MOST_INCOMING_BYTES

    sdp: str
    lines: Annotated[list[LineName], msgspec.Meta(min_length=1, max_length=8)]
    session: Annotated[str, msgspec.Meta(max_length=64)] = ""
