"""REST of the crowd: danmaku of a stretch of an episode, comments page by page, a guest's name."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.accounts.guests import rename_guest, role_of, viewer_of
from merchants.foundation.errors import InvalidInput
from merchants.foundation.http import ApiView
from merchants.foundation.tenancy import current_schema
from realtime.ticket import issue_ticket
from rooms.engagement.errors import NicknameFixed
from rooms.engagement.nicknames import LONGEST_NICKNAME, check_nickname, take_turn
from rooms.engagement.queries import LONGEST_SEGMENT_MS, MOST_COMMENTS, list_comments, list_danmaku
from rooms.program.queries import get_open_room


class DanmakuQuery(serializers.Serializer[Any]):
    """`from_ms` to `to_ms`: positions in the episode, at most two minutes apart; without an episode: lines outside of episodes."""

    from_ms = serializers.IntegerField(min_value=0)
    to_ms = serializers.IntegerField(min_value=0)
    episode = serializers.UUIDField(required=False)
    airing = serializers.UUIDField(required=False)

    def validate(self, attrs: Any) -> Any:
        if not 0 < attrs["to_ms"] - attrs["from_ms"] <= LONGEST_SEGMENT_MS:
            raise InvalidInput(field="to_ms", reason=f"from_ms + 1 … from_ms + {LONGEST_SEGMENT_MS}")
        return attrs


class DanmakuOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    author = serializers.CharField()
    nickname = serializers.CharField()
    role = serializers.CharField()
    text = serializers.CharField()
    program_seq = serializers.IntegerField()
    position_ms = serializers.IntegerField()


class DanmakuSegment(serializers.Serializer[Any]):
    from_ms = serializers.IntegerField()
    to_ms = serializers.IntegerField()
    items = DanmakuOut(many=True)


class CommentOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    author = serializers.CharField()
    nickname = serializers.CharField()
    role = serializers.CharField()
    text = serializers.CharField()
    at_ms = serializers.IntegerField()
    program_seq = serializers.IntegerField()
    position_ms = serializers.IntegerField()


class CommentsQuery(serializers.Serializer[Any]):
    before = serializers.UUIDField(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_COMMENTS, default=50)


class CommentPageOut(serializers.Serializer[Any]):
    items = CommentOut(many=True)
    next_before = serializers.UUIDField(allow_null=True)


class NicknameIn(serializers.Serializer[Any]):
    nickname = serializers.CharField(max_length=200, trim_whitespace=False)


class NicknameOut(serializers.Serializer[Any]):
    """`ticket` carries the new name: reconnect the room's socket with it."""

    nickname = serializers.CharField(max_length=LONGEST_NICKNAME)
    ticket = serializers.CharField()


class RoomDanmaku(ApiView):
    """Danmaku at their program times, for replays and seasons."""

    @extend_schema(operation_id="room_danmaku", tags=["rooms"], parameters=[DanmakuQuery], responses=DanmakuSegment)
    def get(self, request: Request, slug: str) -> Response:
        query = DanmakuQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        span = query.validated_data
        room = get_open_room(slug, role_of(request._request))
        items = list_danmaku(room.id, from_ms=span["from_ms"], to_ms=span["to_ms"], episode_id=span.get("episode"), airing_id=span.get("airing"))
        body = {"from_ms": span["from_ms"], "to_ms": span["to_ms"], "items": items}
        response = Response(DanmakuSegment(body).data)
        response["Cache-Control"] = "private, no-store" if room.is_rehearsal else "public, max-age=5"
        return response


class RoomComments(ApiView):
    """Comments, newest first."""

    @extend_schema(operation_id="room_comments", tags=["rooms"], parameters=[CommentsQuery], responses=CommentPageOut)
    def get(self, request: Request, slug: str) -> Response:
        query = CommentsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        room = get_open_room(slug, role_of(request._request))
        page = list_comments(room.id, limit=query.validated_data["limit"], before=query.validated_data.get("before"))
        return Response(CommentPageOut(page).data)


class RoomNickname(ApiView):
    """A guest chooses a name."""

    @extend_schema(operation_id="room_nickname", tags=["rooms"], request=NicknameIn, responses=NicknameOut)
    def post(self, request: Request, slug: str) -> Response:
        form = NicknameIn(data=request.data)
        form.is_valid(raise_exception=True)
        viewer = viewer_of(request._request)
        room = get_open_room(slug, viewer.role)
        if not viewer.is_guest:
            raise NicknameFixed
        take_turn(viewer.id)
        viewer = rename_guest(request._request, check_nickname(form.validated_data["nickname"], host_name=room.host_name))
        ticket = issue_ticket(current_schema(), room_id=room.id, slug=room.slug, viewer_id=viewer.id, nickname=viewer.nickname, role=viewer.role)
        return Response(NicknameOut({"nickname": viewer.nickname, "ticket": ticket}).data)
