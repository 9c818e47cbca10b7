"""Reads of what the crowd wrote."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F

from merchants.foundation import clock as wall
from rooms.engagement.likes import read_total
from rooms.engagement.messages import CommentView
from rooms.engagement.models import Comment, Danmaku, HiddenDanmaku, PinnedComment
from rooms.program.models import Airing

MOST_COMMENTS = 100
MOST_DANMAKU = 500
MOST_READ = 5_000
LONGEST_SEGMENT_MS = 120_000


@dataclass(frozen=True)
class DanmakuView:
    """A saved line; `position_ms` is the episode's when it was sent."""

    id: UUID
    author: str
    nickname: str
    role: str
    text: str
    program_seq: int
    position_ms: int


@dataclass(frozen=True)
class CommentPage:
    """`items` from new to old; `next_before` leads to the next page, None at the end."""

    items: list[CommentView]
    next_before: UUID | None


def list_comments(room_id: UUID, *, limit: int = 50, before: UUID | None = None) -> CommentPage:
    """A page of the room's comments that were not deleted, newest first. One query."""
    rows = Comment.objects.filter(room_id=room_id, deleted_at=None)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-id")[: min(limit, MOST_COMMENTS) + 1])
    items = found[: min(limit, MOST_COMMENTS)]
    return CommentPage(items=[comment_out(row) for row in items], next_before=items[-1].pk if len(found) > len(items) else None)


def get_pinned_comment(room_id: UUID) -> CommentView | None:
    pinned = PinnedComment.objects.select_related("comment").filter(room_id=room_id, comment__deleted_at=None).first()
    return comment_out(pinned.comment) if pinned else None


def list_danmaku(room_id: UUID, *, from_ms: int, to_ms: int, episode_id: UUID | None = None, airing_id: UUID | None = None) -> list[DanmakuView]:
    """Lines at positions from `from_ms` up to but not including `to_ms`, in order, at most `MOST_DANMAKU` of them.

    Of one episode, over all its airings in the room or one of them. A crowded segment gives a sample spread evenly over it.
    """
    rows = Danmaku.objects.filter(room_id=room_id, episode_id=episode_id, position_ms__gte=from_ms, position_ms__lt=to_ms)
    if airing_id is not None:
        rows = rows.filter(airing_id=airing_id)
    rows = rows.exclude(pk__in=HiddenDanmaku.objects.filter(room_id=room_id).values("danmaku_id"))
    found = list(rows.order_by("position_ms", "id")[:MOST_READ])
    if len(found) > MOST_DANMAKU:
        found = [found[place * len(found) // MOST_DANMAKU] for place in range(MOST_DANMAKU)]
    return [_danmaku_out(row) for row in found]


def count_danmaku(room_id: UUID, *, from_ms: int, to_ms: int, episode_id: UUID) -> int:
    """How many lines `list_danmaku` takes its sample from. One query."""
    rows = Danmaku.objects.filter(room_id=room_id, episode_id=episode_id, position_ms__gte=from_ms, position_ms__lt=to_ms)
    return rows.exclude(pk__in=HiddenDanmaku.objects.filter(room_id=room_id).values("danmaku_id")).count()


def count_danmaku_along(airing_id: UUID, *, bucket_ms: int) -> list[tuple[int, int, int]]:
    """How many lines each stretch of `bucket_ms` of a show had: (program seq, position where the stretch begins, count). One query."""
    bucket = F("position_ms") / bucket_ms
    rows = Danmaku.objects.filter(airing_id=airing_id).order_by().values("program_seq", bucket=bucket).annotate(count=Count("id"))
    return [(row["program_seq"], row["bucket"] * bucket_ms, row["count"]) for row in rows]


def count_likes(airing_id: UUID | None) -> int:
    """All likes of a show: Valkey's exact counter while it lives, what was saved from it afterwards."""
    if airing_id is None:
        return 0
    saved = Airing.objects.filter(pk=airing_id).values_list("likes_total", flat=True).first() or 0
    return max(saved, read_total(airing_id))


def comment_out(row: Comment) -> CommentView:
    return CommentView(
        id=row.pk,
        kind="bought" if row.kind == Comment.Kind.BOUGHT else "comment",
        author=row.viewer_id,
        nickname=row.nickname,
        role=row.role,
        text=row.text,
        at_ms=wall.to_ms(row.created_at),
        program_seq=row.program_seq,
        position_ms=row.position_ms,
    )


def _danmaku_out(row: Danmaku) -> DanmakuView:
    return DanmakuView(
        id=row.pk,
        author=row.viewer_id,
        nickname=row.nickname,
        role=row.role,
        text=row.text,
        program_seq=row.program_seq,
        position_ms=row.position_ms,
    )
