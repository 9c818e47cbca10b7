"""The doors of live sound and pictures on the room's socket."""

from uuid import UUID

from django.conf import settings

from merchants.accounts.permissions import can
from merchants.accounts.queries import find_person
from merchants.foundation import clock as wall
from merchants.foundation.errors import Forbidden
from merchants.foundation.tenancy import tenant_db
from realtime.context import SocketContext
from rooms.live import messages
from rooms.live.desks import desks, may_moderate
from rooms.live.drills.performer import performer
from rooms.live.errors import NotLive, SessionUnknown
from rooms.live.figures import LIFETIME_MS, pack_sending, sending_key
from rooms.live.gate import find_airing, is_watchable
from rooms.live.media import WATCH, has_session, media, room_of
from rooms.live.media import leave as end_session
from rooms.live.watchers import watchers
from rooms.program.air import async_client

AIR = "rooms.air"


@tenant_db
def _may_air(person_id: UUID) -> bool:
    """Asked anew: a ticket says who somebody was when the page was opened."""
    return can(find_person(person_id), AIR)


@tenant_db
def _find_director(person_id: UUID) -> str:
    """The address of a person who may air, for the audit; empty for anybody else."""
    person = find_person(person_id)
    return person.email if person is not None and can(person, AIR) else ""


async def watch(context: SocketContext, message: messages.Watch) -> messages.Answer:
    """Raises: NotLive, and what the media plane refuses."""
    if not context.viewer.role and not await is_watchable(room_of(context), wall.now_ms()):
        raise NotLive
    most = 0 if context.viewer.role else settings.LIVE_WEBRTC_VIEWERS
    answer = await media().open(context, WATCH, lambda relay, room: relay.subscribe(room, offer=message.sdp or None, most_viewers=most))
    return messages.Answer(sdp=answer.sdp, session=answer.peer_id, kind=answer.kind)


async def accept(context: SocketContext, message: messages.Accept) -> None:
    """Raises: SessionUnknown, also for sessions of others, and what the media plane refuses."""
    await media().accept(context, message.session, message.sdp)


async def publish(context: SocketContext, message: messages.Publish) -> messages.Answer:
    """Raises: Forbidden, and what the media plane refuses."""
    if not context.viewer.role or not await _may_air(context.schema, UUID(context.viewer.viewer_id)):
        raise Forbidden
    answer = await media().open(context, message.line, lambda relay, room: relay.publish(room, offer=message.sdp, role=message.line))
    return messages.Answer(sdp=answer.sdp, session=answer.peer_id)


async def leave(context: SocketContext, message: messages.Leave) -> None:
    """Raises: SessionUnknown, also for sessions of others."""
    if not end_session(context, message.session):
        raise SessionUnknown


async def note_figures(context: SocketContext, message: messages.Figures) -> None:
    """Staff are no audience, and a line that nobody should watch has none."""
    if context.viewer.role:
        return
    airing_id = await find_airing(room_of(context), wall.now_ms())
    if airing_id is not None:
        await watchers().note(room_of(context), context.viewer.viewer_id, airing_id, message)


async def note_sending(context: SocketContext, message: messages.Sending) -> None:
    """Raises: Forbidden."""
    if not has_session(context, message.line):  # it was asked whether this person may when the session began
        raise Forbidden
    key = sending_key(room_of(context))
    async with async_client().pipeline(transaction=False) as pipe:
        pipe.hset(key, message.line, pack_sending(message.line, message.figures, wall.now_ms()))
        pipe.pexpire(key, LIFETIME_MS)
        await pipe.execute()


async def watch_desk(context: SocketContext, message: messages.WatchDesk) -> None:
    """Raises: Forbidden, DeskFull."""
    if not context.viewer.role or not await may_moderate(context.schema, UUID(context.viewer.viewer_id)):
        raise Forbidden
    desks().seat(context)


async def start_drill(context: SocketContext, message: messages.StartDrill) -> None:
    """Raises: Forbidden, and what `begin_drill` refuses."""
    actor = await _find_director(context.schema, UUID(context.viewer.viewer_id)) if context.viewer.role else ""
    if not actor:
        raise Forbidden
    await performer().start(media().relay, room_of(context), kind=message.failure, actor=actor)
