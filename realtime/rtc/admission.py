"""What every engine asks of those who come: may they, and is their description one that can be carried?"""

from realtime.rtc import sdp
from realtime.rtc.errors import NameInvalid, RoleForbidden, SdpInvalid, SendingForbidden
from realtime.rtc.names import Kind, Role
from realtime.topics import NAME

PUBLISHING: frozenset[Role] = frozenset(("primary", "backup", "guest"))


def read_publisher(offer: str, *, role: Role, name: str, is_loopback_allowed: bool = False) -> tuple[sdp.Description, tuple[Kind, ...]]:
    """The offer and what it sends. Raises: RoleForbidden, NameInvalid, and what `sdp.read` raises."""
    if role not in PUBLISHING:
        raise RoleForbidden(role=str(role)[:20])
    if role == "guest" and not NAME.match(name):
        raise NameInvalid
    read = sdp.read(offer, is_loopback_allowed=is_loopback_allowed)
    kinds = tuple(media.kind for media in read.media if media.is_sending)
    if not kinds or len(set(kinds)) != len(kinds) or len(kinds) != len(read.media):
        raise SdpInvalid(reason="a publisher sends one video, one audio, or one of each")
    return read, kinds


def read_viewer(text: str, *, is_loopback_allowed: bool = False) -> sdp.Description:
    """A viewer's offer or answer. Raises: SendingForbidden, and what `sdp.read` raises."""
    read = sdp.read(text, is_loopback_allowed=is_loopback_allowed)
    if any(media.is_sending for media in read.media):
        raise SendingForbidden
    return read
