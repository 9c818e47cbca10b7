"""The socket's door of viewer events: the usual way while a room is open."""

from uuid import UUID

from redis.exceptions import RedisError

from realtime.context import SocketContext
from rooms.insights.events.actions import make_parcel
from rooms.insights.events.errors import EventsBehind
from rooms.insights.events.messages import SendEvents
from rooms.insights.events.stream import get_outgoing


async def send_events(context: SocketContext, message: SendEvents) -> None:
    """Acknowledged once the batch is on disk. Staff are acknowledged and not counted. Raises: EventsInvalid, EventsBehind."""
    viewer = context.viewer
    if viewer.role:
        return
    parcel = make_parcel(
        schema=context.schema, room_id=UUID(context.room_id), viewer_id=viewer.viewer_id, session=message.session, events=message.events
    )
    if parcel is None:
        return
    try:
        await get_outgoing().add(parcel)
    except (RedisError, OSError) as error:
        raise EventsBehind from error
