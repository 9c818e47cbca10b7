"""Who is looking: a signed-in person or a guest with a signed cookie. Every shopper's act hangs on a `Viewer`."""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from merchants.foundation import signing
from merchants.foundation.ids import new_id

COOKIE_TTL_S = 365 * 24 * 3600
PURPOSE = "viewer"


@dataclass(frozen=True)
class Viewer:
    """`id` is stable for the guest's browser or the person; `role` is empty for shoppers."""

    id: str
    nickname: str
    user_id: UUID | None
    role: str

    @property
    def is_guest(self) -> bool:
        return self.user_id is None


def viewer_of(request: HttpRequest) -> Viewer:
    """The request's viewer. A guest without a valid cookie becomes a new one; ViewerMiddleware then sets the cookie."""
    kept = getattr(request, "_viewer", None)
    if kept is None:
        kept = _signed_in(request.user) if request.user.is_authenticated else _guest(request)
        request._viewer = kept  # type: ignore[attr-defined]  # once a request
    return kept


def role_of(request: HttpRequest) -> str:
    """The role of who looks, empty for shoppers. Makes no guest and sets no cookie, so that the answer may be cached."""
    return str(request.user.role) if request.user.is_authenticated else ""


def rename_guest(request: HttpRequest, nickname: str) -> Viewer:
    """Give a guest another nickname; the cookie is renewed with the response."""
    viewer = viewer_of(request)
    renamed = Viewer(id=viewer.id, nickname=nickname, user_id=viewer.user_id, role=viewer.role)
    request._viewer = renamed  # type: ignore[attr-defined]
    request._viewer_cookie = _seal(renamed)  # type: ignore[attr-defined]
    return renamed


def guest_id_of(schema: str, cookie: str) -> str | None:
    """The guest of a viewer cookie of the shop `schema`, without a request; None for no, a forged or another shop's cookie."""
    try:
        claims = signing.read_for(schema, PURPOSE, cookie) if cookie else {}
    except (signing.TokenInvalid, signing.TokenExpired):
        return None
    return claims.get("id")


def _signed_in(user: Any) -> Viewer:
    nickname = user.name or user.email.split("@")[0]
    return Viewer(id=str(user.pk), nickname=nickname[:24], user_id=user.pk, role=user.role)


def _guest(request: HttpRequest) -> Viewer:
    token = request.COOKIES.get(settings.VIEWER_COOKIE_NAME, "")
    if token:
        try:
            claims = signing.read(PURPOSE, token)
            return Viewer(id=claims["id"], nickname=claims["n"], user_id=None, role="")
        except (signing.TokenInvalid, signing.TokenExpired):
            pass  # a forged or old cookie makes a new guest, nothing more
    viewer = Viewer(id=str(new_id()), nickname=_("Guest %(number)s") % {"number": secrets.randbelow(9000) + 1000}, user_id=None, role="")
    request._viewer_cookie = _seal(viewer)  # type: ignore[attr-defined]
    return viewer


def _seal(viewer: Viewer) -> str:
    return signing.sign(PURPOSE, {"id": viewer.id, "n": viewer.nickname}, COOKIE_TTL_S)
