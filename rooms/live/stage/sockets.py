"""The doors of the stage on the room's socket."""

from uuid import UUID

from merchants.accounts.permissions import can
from merchants.accounts.queries import find_person
from merchants.foundation import clock as wall
from merchants.foundation.errors import Forbidden
from merchants.foundation.tenancy import tenant_db
from realtime.context import SocketContext
from realtime.rtc.names import HOST_LINE, line_of
from realtime.throttle import Limit
from rooms.live.errors import NotLive, SessionUnknown
from rooms.live.gate import is_watchable
from rooms.live.media import media, room_of
from rooms.live.messages import Answer
from rooms.live.stage import actions, messages
from rooms.live.stage.admission import check_offer
from rooms.live.stage.errors import AskedTooOften, LineNotForYou, NotInvited
from rooms.live.stage.queries import Guest, find_sender, list_open
from rooms.live.stage.states import SENDING, Standing

MODERATE = "rooms.moderate"
# Names of sessions of one socket: what a guest sends, and what staff watch of guests.
SEND, PREVIEW = "guest", "guests"
# Over all processes: asking, taking it back and asking again is nothing to do all evening.
ASKS = Limit(per_s=1 / 60, burst=5)

_ask = tenant_db(actions.ask)
_withdraw = tenant_db(actions.withdraw)
_look = tenant_db(actions.look)
_find_sender = tenant_db(find_sender)
_list_open = tenant_db(list_open)


@tenant_db
def _may_moderate(person_id: UUID) -> bool:
    """Asked anew: a ticket says who somebody was when the page was opened."""
    return can(find_person(person_id), MODERATE)


async def ask(context: SocketContext, message: messages.AskForStage) -> messages.Standing:
    """Raises: Forbidden for staff, AskedTooOften, StageClosed, KeptOffStage, QueueFull."""
    viewer = context.viewer
    if viewer.role:
        raise Forbidden
    wait_s = await context.take_token(f"stage:{viewer.viewer_id}", ASKS)
    if wait_s > 0:
        raise AskedTooOften(retry_after_s=max(1, round(wait_s + 0.5)))
    return await _ask(context.schema, room_id=context.room_id, viewer_id=viewer.viewer_id, nickname=viewer.nickname, has_picture=message.has_picture)


async def withdraw(context: SocketContext, message: messages.LeaveStage) -> None:
    await _withdraw(context.schema, room_id=context.room_id, viewer_id=context.viewer.viewer_id)


async def look(context: SocketContext, message: messages.LookAtStage) -> messages.Standing:
    return await _look(context.schema, room_id=context.room_id, viewer_id=context.viewer.viewer_id)


async def publish(context: SocketContext, message: messages.GuestPublish) -> Answer:
    """Raises: NotInvited, SendingForbidden, and what the media plane refuses."""
    guest = await _find_sender(context.schema, context.room_id, viewer_id=context.viewer.viewer_id)
    if guest is None:
        raise NotInvited
    check_offer(guest, message.sdp)
    answer = await media().open(
        context,
        SEND,
        lambda relay, room: relay.publish(room, offer=message.sdp, role="guest", name=str(guest.id), is_muted=guest.is_muted),
    )
    return Answer(sdp=answer.sdp, session=answer.peer_id)


async def watch(context: SocketContext, message: messages.WatchLines) -> Answer:
    """Raises: NotLive, LineNotForYou, SessionUnknown (also for sessions of others), and what the media plane refuses."""
    is_staff = bool(context.viewer.role) and await _may_moderate(context.schema, UUID(context.viewer.viewer_id))
    if not is_staff and not await is_watchable(room_of(context), wall.now_ms()):
        raise NotLive
    open_to = {str(guest.id) for guest in await _list_open(context.schema, context.room_id) if _is_open_to(guest, is_staff=is_staff)}
    if not set(message.lines) <= open_to | {HOST_LINE, ""}:
        raise LineNotForYou
    lines = [line_of("guest", name) if name in open_to else HOST_LINE for name in message.lines]
    if message.session:
        answer = await media().extend(context, message.session, message.sdp, lines)
    elif is_staff:
        answer = await media().open(context, PREVIEW, lambda relay, room: relay.subscribe(room, offer=message.sdp, lines=lines))
    else:
        raise SessionUnknown
    return Answer(sdp=answer.sdp, session=answer.peer_id)


def _is_open_to(guest: Guest, *, is_staff: bool) -> bool:
    return guest.standing == Standing.ON_STAGE or (is_staff and guest.standing in SENDING)
