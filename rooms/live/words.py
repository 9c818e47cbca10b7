"""Words that open a room's film: signed, for two minutes, for one viewer of one room, and for the session that asked.

A word stands in the address, so that players which follow a playlist by themselves carry it along. Who finds it in a log cannot
follow the film with it: the playlist also wants the cookie that the word was made for. Parts do not, which are nothing without
their playlist, so that caches that drop cookies can carry them.
"""

import hashlib
import hmac
from collections.abc import Mapping
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpRequest

from merchants.accounts.guests import guest_id_of, viewer_of
from merchants.foundation import signing
from realtime.rtc.hls.window import PLAYLIST
from realtime.rtc.names import RoomName
from rooms.live.errors import WordInvalid

PURPOSE = "live-word"
PREFIX = "/media/live/"
LIFETIME_S = 120
MOST_LETTERS = 600


def film_url(slug: str, word: str) -> str:
    """The playlist's; everything else of the film lies beside it."""
    return f"{PREFIX}{slug}/{word}/{PLAYLIST}"


class Word(msgspec.Struct, frozen=True):
    """What is signed. `session` is a digest of a signed-in person's cookie; guests are known by their own, which is signed itself."""

    room_id: UUID
    slug: str
    viewer_id: str
    session: str = ""
    is_staff: bool = False

    def room(self, schema: str) -> RoomName:
        return RoomName.of(schema, self.room_id)


def issue_word(request: HttpRequest, *, schema: str, room_id: UUID, slug: str) -> str:
    viewer = viewer_of(request)
    session = "" if viewer.is_guest else digest_of(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    return sign_word(schema, Word(room_id, slug, viewer.id, session, is_staff=bool(viewer.role)))


def sign_word(schema: str, word: Word, *, lifetime_s: int = LIFETIME_S) -> str:
    return signing.sign_for(schema, PURPOSE, msgspec.to_builtins(word), lifetime_s)


def read_word(schema: str, slug: str, text: str) -> Word:
    """Needs no database.

    Raises: WordInvalid (forged, expired, another shop's, another room's).
    """
    if len(text) > MOST_LETTERS:
        raise WordInvalid
    try:
        word = msgspec.convert(signing.read_for(schema, PURPOSE, text), Word)
    except (signing.TokenInvalid, signing.TokenExpired, msgspec.ValidationError) as error:
        raise WordInvalid from error
    if word.slug != slug:
        raise WordInvalid
    return word


def require_session(schema: str, word: Word, cookies: Mapping[str, str]) -> None:
    """Raises: WordInvalid for somebody else's word."""
    if word.session:
        is_own = hmac.compare_digest(word.session, digest_of(cookies.get(settings.SESSION_COOKIE_NAME, "")))
    else:
        is_own = guest_id_of(schema, cookies.get(settings.VIEWER_COOKIE_NAME, "")) == word.viewer_id
    if not is_own:
        raise WordInvalid


def digest_of(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()[:32]
