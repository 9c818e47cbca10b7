"""Socket messages of the crowd: what the server sends, and what a browser may send."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

import msgspec

from realtime.messages import Incoming, Lossless, Lossy
from realtime.throttle import Limit

MAX_DANMAKU_LENGTH = 60
MAX_COMMENT_LENGTH = 300
MAX_LIKES_A_BATCH = 30


class Danmaku(Lossy, tag="danmaku"):
    """A line across the picture. `author` is the viewer's id, `role` is empty for shoppers, `position_ms` the program's when it was sent."""

    id: UUID
    author: str
    nickname: str
    role: str
    text: str
    program_seq: int
    position_ms: int


class Likes(Lossy, tag="likes"):
    """All likes of this show so far, exactly."""

    merge: ClassVar[Literal["sample", "latest"]] = "latest"

    total: int


class CommentView(msgspec.Struct):
    """`kind` "comment" is what somebody wrote; "bought" is a line of the system: `nickname` bought `text` (a product's title)."""

    id: UUID
    kind: Literal["comment", "bought"]
    author: str
    nickname: str
    role: str
    text: str
    at_ms: int
    program_seq: int
    position_ms: int


class Comment(Lossless, tag="comment"):
    comment: CommentView


class CommentDeleted(Lossless, tag="comment.deleted"):
    """Remove it from the screen, be it a comment or a danmaku. A deleted id never comes back."""

    of: Literal["comment", "danmaku"]
    id: UUID


class Pin(Lossless, tag="pin"):
    """The comment above the stack; None takes it away. Of two, the one with the greater `revision` holds."""

    revision: int
    comment: CommentView | None


class SendDanmaku(Incoming, tag="danmaku"):
    """Answered by `sent` with the final message."""

    limit: ClassVar[Limit] = Limit(per_s=1, burst=4)

    text: Annotated[str, msgspec.Meta(max_length=1000)]


class SendComment(Incoming, tag="comment"):
    """Answered by `sent` with the final message."""

    limit: ClassVar[Limit] = Limit(per_s=0.5, burst=3)

    text: Annotated[str, msgspec.Meta(max_length=2000)]


class SendLikes(Incoming, tag="likes"):
    """The taps of about a second. Answered by `ack` once they are counted."""

    limit: ClassVar[Limit] = Limit(per_s=1.5, burst=3)

    count: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIKES_A_BATCH)]


class TakeName(Incoming, tag="name"):
    """Go on under another nickname: the ticket that came with it. What this socket watches or sends goes on too."""

    limit: ClassVar[Limit] = Limit(per_s=0.2, burst=5)

    ticket: Annotated[str, msgspec.Meta(max_length=2000)]


class Sent(msgspec.Struct, tag_field="k", tag="sent", kw_only=True, omit_defaults=True):
    """To the sender alone, with their `ref`: the message as everybody gets it. Its copy from the crowd has the same id."""

    danmaku: Danmaku | None = None
    comment: CommentView | None = None
