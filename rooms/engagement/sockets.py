"""The crowd's doors on the socket: `config/sockets.py` leads each kind here."""

from uuid import UUID

from merchants.foundation import clock as wall
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import tenant_db
from realtime.context import SocketContext
from realtime.ticket import read_ticket
from rooms.engagement import actions, log, messages
from rooms.engagement.errors import NotOnAir
from rooms.engagement.likes import get_tally
from rooms.moderation.gate import admit, find_air
from rooms.program.states import SourceKind

_post_comment = tenant_db(actions.post_comment)


async def send_danmaku(context: SocketContext, message: messages.SendDanmaku) -> messages.Sent:
    """A line across everybody's picture, stamped with the program clock."""
    admitted = await admit(context, message.text, most=messages.MAX_DANMAKU_LENGTH)
    air, viewer = admitted.air, context.viewer
    entry, position_ms = air.stamp(admitted.at_ms)
    if not air.is_on_air or air.airing_id is None:
        raise NotOnAir
    line = messages.Danmaku(
        id=new_id(),
        author=viewer.viewer_id,
        nickname=viewer.nickname,
        role=viewer.role,
        text=admitted.text,
        program_seq=entry.seq if entry else 0,
        position_ms=position_ms,
    )
    context.publish_lossy(line)
    episode_id = entry.source.id if entry and entry.source.kind == SourceKind.EPISODE else None
    await log.waiting.keep(
        context.schema,
        log.Line(
            id=line.id,
            room_id=UUID(context.room_id),
            airing_id=air.airing_id,
            episode_id=episode_id,
            program_seq=line.program_seq,
            position_ms=position_ms,
            viewer_id=viewer.viewer_id,
            nickname=viewer.nickname,
            role=viewer.role,
            text=line.text,
            created_at=wall.from_ms(admitted.at_ms),
        ),
    )
    return messages.Sent(danmaku=line)


async def send_comment(context: SocketContext, message: messages.SendComment) -> messages.Sent:
    """A comment, saved before it is acknowledged."""
    admitted = await admit(context, message.text, most=messages.MAX_COMMENT_LENGTH)
    entry, position_ms = admitted.air.stamp(admitted.at_ms)
    viewer = context.viewer
    comment = await _post_comment(
        context.schema,
        room_id=UUID(context.room_id),
        viewer_id=viewer.viewer_id,
        nickname=viewer.nickname,
        role=viewer.role,
        text=admitted.text,
        program_seq=entry.seq if entry else 0,
        position_ms=position_ms,
    )
    return messages.Sent(comment=comment)


async def send_likes(context: SocketContext, message: messages.SendLikes) -> None:
    """Acknowledged once they are in the sum."""
    air = await find_air(context)
    if not air.is_on_air or air.airing_id is None:
        raise NotOnAir
    await get_tally().add(context.schema, context.room_id, air.airing_id, message.count)


async def take_name(context: SocketContext, message: messages.TakeName) -> None:
    """Everything said from now on carries the new name."""
    context.renew(read_ticket(context.schema, message.ticket))
