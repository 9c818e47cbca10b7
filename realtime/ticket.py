"""Entry tickets: made with the page, checked at the socket without touching the database or Valkey."""

import msgspec

from merchants.foundation import signing
from realtime.errors import TicketExpired, TicketInvalid

PURPOSE = "room-ticket"


class Ticket(msgspec.Struct, frozen=True):
    """Who may enter which room. `role` is empty for shoppers."""

    schema: str
    room_id: str
    slug: str
    viewer_id: str
    nickname: str
    role: str = ""


def issue_ticket(schema: str, *, room_id: object, slug: str, viewer_id: object, nickname: str, role: str = "", ttl_s: int = 3600) -> str:
    ticket = Ticket(schema=schema, room_id=str(room_id), slug=slug, viewer_id=str(viewer_id), nickname=nickname, role=role)
    return signing.sign_for(schema, PURPOSE, msgspec.to_builtins(ticket), ttl_s)


def read_ticket(schema: str, token: str) -> Ticket:
    """Read a ticket of the shop `schema`; those of other shops are void here.

    Raises: TicketInvalid, TicketExpired.
    """
    try:
        ticket = msgspec.convert(signing.read_for(schema, PURPOSE, token), Ticket)
    except signing.TokenExpired as error:
        raise TicketExpired from error
    except (signing.TokenInvalid, msgspec.ValidationError) as error:
        raise TicketInvalid from error
    if ticket.schema != schema:
        raise TicketInvalid
    return ticket
