"""Whether an offer may become a guest's line: the web process knows who is invited, the nodes do not."""

from merchants.foundation.tenancy import tenant_db
from rooms.live.errors import SendingForbidden
from rooms.live.stage.errors import NotInvited
from rooms.live.stage.queries import Guest, find_sender

_find_sender = tenant_db(find_sender)


def check_offer(guest: Guest, sdp: str) -> None:
    """Who asked with the voice alone was let on with it alone. Raises: SendingForbidden."""
    if not guest.has_picture and "m=video" in sdp:
        raise SendingForbidden


async def find_invited(schema: str, room_id: object, guest_id: str, sdp: str) -> Guest:
    """The guest that a grant names, as long as they are invited. Raises: NotInvited, SendingForbidden."""
    guest = await _find_sender(schema, str(room_id), guest_id=guest_id) if guest_id else None
    if guest is None:
        raise NotInvited
    check_offer(guest, sdp)
    return guest
