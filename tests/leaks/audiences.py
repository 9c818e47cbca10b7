"""Who knocks. Every audience of aurora's host, and those of borealis and of the platform with the cookies that they have there."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test.client import Client, ClientHandler

from merchants.accounts.guests import COOKIE_TTL_S, PURPOSE
from merchants.accounts.models import User
from merchants.accounts.roles import Role
from merchants.foundation import signing
from merchants.foundation.tenancy import in_schema
from tests.leaks.shopfront import Shopfront

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
GUEST, BUYER, SHOPPER, OPERATOR = "guest", "buyer", "shopper", "operator"
STAFF = tuple(Role.values)
# They come with what another host gave them, and must be treated as the strangers that they are here.
CARRIED = ("buyer of the other shop", "owner of the other shop", "operator of the platform")
SHOP_AUDIENCES = (GUEST, BUYER, SHOPPER, *STAFF, *CARRIED)
PLATFORM_AUDIENCES = (GUEST, OPERATOR, "buyer of a shop", "owner of a shop")


@dataclass(frozen=True)
class Key:
    """A cookie that opens something somewhere."""

    name: str
    value: str


def sign_in(person: User) -> Key:
    """A session of `person` in the current schema, as the sign-in page would make it."""
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY], session[HASH_SESSION_KEY] = str(person.pk), BACKEND, person.get_session_auth_hash()
    session.save()
    return Key(settings.SESSION_COOKIE_NAME, str(session.session_key))


def guest_key(viewer_id: str, nickname: str) -> Key:
    """The viewer cookie that the current shop's middleware would set."""
    return Key(settings.VIEWER_COOKIE_NAME, signing.sign(PURPOSE, {"id": viewer_id, "n": nickname}, COOKIE_TTL_S))


def keys_of_shop(schema: str, shop: Shopfront) -> dict[str, Key]:
    """Every person's key to a shop. The twins' keys are for the same ids."""
    with in_schema(schema):
        people = {person.pk: person for person in User.objects.filter(pk__in=shop.people.values())}
        keys = {role or SHOPPER: sign_in(people[pk]) for role, pk in shop.people.items()}
        return keys | {BUYER: guest_key(shop.buyer_id, f"{schema}-canary")}


def audiences_of_shop(own: dict[str, Key], other: dict[str, Key], operator: Key) -> dict[str, Key | None]:
    """`SHOP_AUDIENCES` with their cookies."""
    carried = dict(zip(CARRIED, (other[BUYER], other[Role.OWNER], operator), strict=True))
    return {GUEST: None} | own | carried


def audiences_of_platform(shop: dict[str, Key], operator: Key) -> dict[str, Key | None]:
    """`PLATFORM_AUDIENCES` with their cookies."""
    carried = dict(zip(PLATFORM_AUDIENCES[2:], (shop[BUYER], shop[Role.OWNER]), strict=True))
    return {GUEST: None, OPERATOR: operator} | carried


# One for all clients: loading the middleware looks at every static file.
_HANDLERS = {is_strict: ClientHandler(enforce_csrf_checks=is_strict) for is_strict in (False, True)}


def client_of(host: str, key: Key | None, *, address: str = "127.0.0.1", checks_csrf: bool = False, **environ: Any) -> Client:
    """A browser on `host` that shows `key`. A defect of the product is its status 500, not an exception here."""
    client = Client(headers={"host": host}, raise_request_exception=False, REMOTE_ADDR=address, **environ)
    client.handler = _HANDLERS[checks_csrf]
    if key is not None:
        client.cookies[key.name] = key.value
    return client
