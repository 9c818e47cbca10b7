"""Who sits behind a staff socket: the session cookie of the shop's own host, read in the shop's schema."""

from http.cookies import CookieError, SimpleCookie
from types import SimpleNamespace

from django.conf import settings
from django.contrib.auth import get_user
from django.utils.module_loading import import_string

from merchants.accounts.permissions import can
from merchants.foundation.tenancy import current_schema, tenant_db
from realtime.origin import Headers
from realtime.ticket import Ticket

PERMISSION = "office.open"


async def find_staff(schema: str, headers: Headers) -> Ticket | None:
    """The signed-in member of the shop's staff, or None."""
    key = _session_key(headers)
    return await _find(schema, key) if key else None


def _session_key(headers: Headers) -> str:
    try:
        cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return ""
    held = cookies.get(settings.SESSION_COOKIE_NAME)
    return held.value if held else ""


@tenant_db
def _find(session_key: str) -> Ticket | None:
    store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    user = get_user(SimpleNamespace(session=store(session_key)))  # type: ignore[arg-type]  # it reads nothing but the session
    if user.is_anonymous or not can(user, PERMISSION):
        return None
    nickname = user.name or user.email.partition("@")[0]
    return Ticket(schema=current_schema(), room_id="", slug="", viewer_id=str(user.pk), nickname=nickname, role=user.role)
