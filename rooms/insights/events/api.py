"""The HTTP door of viewer events: pages without a socket, and the last batch of a page that is hidden or left."""

from typing import Any

import msgspec
from drf_spectacular.utils import extend_schema
from redis.exceptions import RedisError
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.accounts.guests import viewer_of
from merchants.foundation.http import ApiView
from merchants.foundation.throttle import take_turn
from rooms.insights.events.actions import take_events
from rooms.insights.events.errors import EventsBehind, EventsInvalid, EventsTooLarge
from rooms.insights.events.filters import is_measured
from rooms.insights.events.messages import MOST_BATCH_BYTES, Batch
from rooms.program.queries import get_open_room

BATCHES_A_MINUTE = 40

_decoder = msgspec.json.Decoder(Batch, strict=True)


class BatchSerializer(serializers.Serializer[Any]):
    """For the API's documentation; `messages.Batch` is what is checked."""

    session = serializers.UUIDField()
    events = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=50)


class TakenSerializer(serializers.Serializer[Any]):
    taken = serializers.IntegerField()


class RawParser(BaseParser):
    """Hands the body over unread: the structs read it, strictly and once."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return bytes(stream.read(MOST_BATCH_BYTES + 1))


class EventsView(ApiView):
    parser_classes = [RawParser]

    @extend_schema(tags=["rooms"], operation_id="room_events", request=BatchSerializer, responses={202: TakenSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Take a batch of this viewer's events. Answered once they are on disk; who is not measured is answered and not counted."""
        body = request.data if isinstance(request.data, bytes) else b""
        if len(body) > MOST_BATCH_BYTES:
            raise EventsTooLarge(most=MOST_BATCH_BYTES)
        viewer = viewer_of(request._request)
        room = get_open_room(slug, viewer.role)
        try:
            batch = _decoder.decode(body)
        except msgspec.DecodeError as error:
            raise EventsInvalid(reason=str(error)) from error
        taken = 0
        try:
            take_turn(f"events:{viewer.id}", limit=BATCHES_A_MINUTE, window_s=60)
            if is_measured(role=viewer.role, headers=request.headers, cookies=request.COOKIES):
                taken = take_events(room_id=room.id, viewer_id=viewer.id, session=batch.session, events=batch.events)
        except (RedisError, OSError) as error:
            raise EventsBehind from error
        return Response({"taken": taken}, status=202, headers={"Cache-Control": "no-store"})
