"""Signed and secret words: how each is made in a shop, and how one sees that it opened something."""

from collections.abc import Callable
from dataclasses import dataclass

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmation, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.test import Client
from django.utils import timezone

from commerce.orders.actions.placing import read_attribution
from commerce.orders.queries import get_order
from merchants.accounts.actions import issue_hop, issue_invitation
from merchants.accounts.models import User
from merchants.foundation import signing
from merchants.foundation.tenancy import current_schema, in_schema
from realtime.errors import TicketInvalid
from realtime.ticket import issue_ticket, read_ticket
from rooms.insights.events.variants import read_variants, seal_variants
from rooms.live.errors import GrantInvalid, WordInvalid
from rooms.live.grants import read_grant, sign_grant
from rooms.live.words import Word, read_word, sign_word
from tests.leaks.audiences import guest_key, sign_in
from tests.leaks.shopfront import Shopfront


@dataclass(frozen=True)
class Token:
    """`make` runs in the schema of the shop that gives the word; `opens` in that of the shop at whose door it is shown."""

    make: Callable[[Shopfront], str]
    opens: Callable[[Client, Shopfront, str], bool]


def _receipt(shop: Shopfront) -> str:
    return get_order(shop.values["order_id"]).receipt_path


def _ticket(shop: Shopfront) -> str:
    return issue_ticket(current_schema(), room_id=shop.values["room_id"], slug=shop.values["slug"], viewer_id=shop.buyer_id, nickname="Iris")


def _is_read(_client: Client, _shop: Shopfront, token: str) -> bool:
    """Also on the socket itself: see test_sockets."""
    try:
        read_ticket(current_schema(), token)
    except TicketInvalid:
        return False
    return True


def _grant(shop: Shopfront) -> str:
    return sign_grant(current_schema(), room_id=shop.values["room_id"], slug=shop.values["slug"], role="primary")


def _is_granted(_client: Client, shop: Shopfront, token: str) -> bool:
    """Also at WHIP itself: see tests/rooms/live."""
    try:
        read_grant(current_schema(), shop.values["slug"], token)
    except GrantInvalid:
        return False
    return True


def _word(shop: Shopfront) -> str:
    return sign_word(current_schema(), Word(shop.values["room_id"], shop.values["slug"], shop.buyer_id))


def _is_word(_client: Client, shop: Shopfront, token: str) -> bool:
    """Also at the door of the film itself: see tests/rooms/live/test_film_door.py."""
    try:
        read_word(current_schema(), shop.values["slug"], token)
    except WordInvalid:
        return False
    return True


def _variants(shop: Shopfront) -> str:
    return seal_variants(["cards.1"], schema=current_schema(), room_id=shop.values["room_id"], viewer_id=shop.buyer_id)


def _is_dealt(_client: Client, shop: Shopfront, token: str) -> bool:
    return read_variants(token, schema=current_schema(), room_id=shop.values["room_id"], viewer_id=shop.buyer_id) == "cards.1"


def _attribution(shop: Shopfront) -> str:
    return signing.sign("attribution", {"room_id": str(shop.values["room_id"]), "program_seq": 1, "position_ms": 1, "cue_id": None}, 60)


def _editor(shop: Shopfront) -> User:
    return User.objects.get(pk=shop.people["editor"])


def _confirmation(shop: Shopfront) -> str:
    confirmation = EmailConfirmation.create(EmailAddress.objects.get(user_id=shop.people[""]))
    confirmation.sent = timezone.now()
    confirmation.save()
    return str(confirmation.key)


def confirms(client: Client, shop: Shopfront, key: str) -> bool:
    schema = current_schema()
    client.post(f"/accounts/confirm-email/{key}/")
    with in_schema(schema):  # the request has left it
        return EmailAddress.objects.get(user_id=shop.people[""]).verified


def make_signed_confirmation(shop: Shopfront) -> str:
    """What allauth makes by default: it must open nothing, not even at home."""
    return str(EmailConfirmationHMAC(EmailAddress.objects.get(user_id=shop.people[""])).key)


def _reset(shop: Shopfront) -> str:
    person = _editor(shop)
    return f"/accounts/password/reset/key/{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}/"


def _with_cookie(name: str, path: str, status: int) -> Callable[[Client, Shopfront, str], bool]:
    def opens(client: Client, shop: Shopfront, value: str) -> bool:
        client.cookies[name] = value
        return client.get(path.format(**shop.values)).status_code == status

    return opens


def _answers(status: int, path: str = "{token}") -> Callable[[Client, Shopfront, str], bool]:
    return lambda client, _shop, token: client.get(path.format(token=token)).status_code == status


# The purposes that the source signs for. A new one is a new line.
SIGNED: dict[str, Token] = {
    "viewer": Token(
        lambda shop: guest_key(shop.buyer_id, "Iris").value,
        _with_cookie(settings.VIEWER_COOKIE_NAME, "/api/v1/checkout/{order_id}/", 200),
    ),
    "room-ticket": Token(_ticket, _is_read),
    "live-grant": Token(_grant, _is_granted),
    "live-word": Token(_word, _is_word),
    "visit-variants": Token(_variants, _is_dealt),
    "attribution": Token(_attribution, lambda _client, _shop, token: bool(read_attribution(token))),
    "order": Token(_receipt, _answers(200)),
    "hop": Token(lambda shop: issue_hop(shop.people["owner"]), _answers(302, "/accounts/hop/?token={token}")),
    "join": Token(lambda shop: issue_invitation(_editor(shop)), _answers(200, "/accounts/join/{token}/")),
}

# What the libraries below us make: they know of no shop, so that each is here by hand.
OF_LIBRARIES: dict[str, Token] = {
    "session": Token(lambda shop: sign_in(_editor(shop)).value, _with_cookie(settings.SESSION_COOKIE_NAME, "/admin/", 200)),
    "password reset": Token(_reset, _answers(302)),
    "e-mail confirmation": Token(_confirmation, confirms),
}
