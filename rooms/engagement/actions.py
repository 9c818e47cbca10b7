"""What is written to the database of what the crowd does."""

from uuid import UUID

from django.db import transaction

from commerce.orders import queries as orders
from merchants.foundation import clock as wall
from merchants.foundation.audit import record_action
from rooms.engagement import messages
from rooms.engagement.errors import CommentNotFound
from rooms.engagement.likes import read_total
from rooms.engagement.messages import CommentView
from rooms.engagement.models import Comment, Danmaku, HiddenDanmaku, PinnedComment
from rooms.engagement.queries import comment_out
from rooms.moderation.errors import ChatClosed
from rooms.program.air import read_air
from rooms.program.models import Airing, Room
from rooms.program.states import ON_AIR, State
from rooms.program.steps import bump, lock_room, tell


def post_comment(*, room_id: UUID, viewer_id: str, nickname: str, role: str, text: str, program_seq: int, position_ms: int) -> CommentView:
    """Save what passed the gate and tell it to the room.

    Raises: ChatClosed. After commit: `comment`.
    """
    with transaction.atomic(durable=True):
        room = Room.objects.filter(pk=room_id).first()
        if room is None or room.state == State.REPLAY:
            raise ChatClosed
        comment = Comment.objects.create(
            room=room,
            airing_id=room.airing_id,
            viewer_id=viewer_id,
            nickname=nickname[:24],
            role=role,
            text=text,
            program_seq=program_seq,
            position_ms=position_ms,
            created_at=wall.now(),
        )
        view = comment_out(comment)
        tell(room, messages.Comment(comment=view))
        return view


def delete_comment(*, room_id: UUID, comment_id: UUID, actor: str) -> None:
    """Remove a comment from every screen; a pinned one is unpinned too.

    Raises: RoomNotFound, CommentNotFound. After commit: `pin` with None if it was pinned, `comment.deleted`.
    """
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        comment = _standing(room, comment_id)
        comment.deleted_at, comment.deleted_by = wall.now(), actor
        comment.save(update_fields=["deleted_at", "deleted_by"])
        if PinnedComment.objects.filter(room=room, comment=comment).exists():
            _set_pin(room, None)
        tell(room, messages.CommentDeleted(of="comment", id=comment_id))
        record_action(actor=actor, action="comment.delete", subject=f"comment:{comment_id}", text=comment.text, viewer=comment.viewer_id)


def delete_danmaku(*, room_id: UUID, danmaku_id: UUID, actor: str) -> None:
    """Remove a line from every screen and from replays, also when it is not saved yet. After commit: `comment.deleted`."""
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        _, is_new = HiddenDanmaku.objects.get_or_create(danmaku_id=danmaku_id, defaults={"room": room, "hidden_by": actor, "hidden_at": wall.now()})
        if is_new:
            tell(room, messages.CommentDeleted(of="danmaku", id=danmaku_id))
            record_action(actor=actor, action="danmaku.delete", subject=f"danmaku:{danmaku_id}", room=str(room_id))


def pin_comment(*, room_id: UUID, comment_id: UUID | None, actor: str) -> None:
    """Put a comment above the stack; None takes it away. Raises: RoomNotFound, CommentNotFound. After commit: `pin`."""
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        _set_pin(room, _standing(room, comment_id) if comment_id else None)
        record_action(actor=actor, action="comment.pin", subject=f"room:{room_id}", comment=str(comment_id or ""))


def pin_line(*, room_id: UUID, danmaku_id: UUID, actor: str) -> None:
    """Pin a danmaku: it becomes a comment first, so that it stays. Raises: CommentNotFound while it is not saved yet."""
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        line = Danmaku.objects.filter(room=room, pk=danmaku_id).exclude(pk__in=HiddenDanmaku.objects.filter(room=room).values("danmaku_id")).first()
        if line is None:
            raise CommentNotFound
        comment, is_new = Comment.objects.get_or_create(
            once=f"danmaku:{danmaku_id}",
            defaults={
                "room": room,
                "airing_id": line.airing_id,
                "viewer_id": line.viewer_id,
                "nickname": line.nickname,
                "role": line.role,
                "text": line.text,
                "program_seq": line.program_seq,
                "position_ms": line.position_ms,
                "created_at": line.created_at,
            },
        )
        if is_new:
            tell(room, messages.Comment(comment=comment_out(comment)))
        _set_pin(room, comment)
        record_action(actor=actor, action="comment.pin", subject=f"room:{room_id}", danmaku=str(danmaku_id))


def announce_purchase(*, order_id: UUID, room_id: UUID) -> None:
    """Say in the room that somebody bought: first name and product, once an order. Rooms off air stay silent. After commit: `comment`."""
    order = orders.get_order(order_id)
    with transaction.atomic(durable=True):
        room = Room.objects.filter(pk=room_id, state__in=ON_AIR).first()
        if room is None or not order.lines:
            return
        entry, position_ms = read_air(room_id).stamp(wall.now_ms())
        comment, is_new = Comment.objects.get_or_create(
            once=f"order:{order_id}",
            defaults={
                "room": room,
                "airing_id": room.airing_id,
                "kind": Comment.Kind.BOUGHT,
                "viewer_id": order.viewer_id,
                "nickname": _first_name(order),
                "text": order.lines[0].product_title[:300],
                "program_seq": entry.seq if entry else 0,
                "position_ms": position_ms,
                "created_at": wall.now(),
            },
        )
        if is_new:
            tell(room, messages.Comment(comment=comment_out(comment)))


def save_likes(*, airing_id: UUID) -> None:
    """Copy the exact counter of a show to the database; it never goes down."""
    total = read_total(airing_id)
    Airing.objects.filter(pk=airing_id, likes_total__lt=total).update(likes_total=total)


def _standing(room: Room, comment_id: UUID) -> Comment:
    comment = Comment.objects.filter(room=room, pk=comment_id, deleted_at=None).first()
    if comment is None:
        raise CommentNotFound
    return comment


def _set_pin(room: Room, comment: Comment | None) -> None:
    PinnedComment.objects.filter(room=room).delete()
    if comment is not None:
        PinnedComment.objects.create(room=room, comment=comment)
    revision = bump(room)
    room.save(update_fields=["revision"])
    tell(room, messages.Pin(revision=revision, comment=comment_out(comment) if comment else None))


def _first_name(order: orders.OrderView) -> str:
    """The name the buyer goes by in the rooms, else the first word of the delivery name; never more. Empty: the page says "Somebody"."""
    spoken = Comment.objects.filter(viewer_id=order.viewer_id, kind=Comment.Kind.COMMENT).order_by("-id").first()
    if spoken is not None:
        return spoken.nickname
    return next(iter(order.ship_name.split()), "")[:24]
