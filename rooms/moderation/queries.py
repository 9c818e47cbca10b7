"""Reads of moderation."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from merchants.foundation import clock as wall
from rooms.moderation.models import RefusedWord, Restriction

FOREVER_MS = 253_402_300_799_000  # 9999-12-31


@dataclass(frozen=True)
class RestrictionView:
    """A mute or ban that stands. `until` None: until it is lifted."""

    id: UUID
    kind: str
    viewer_id: str
    nickname: str
    until: datetime | None
    by: str


def is_banned(viewer_id: str) -> bool:
    """Whether the viewer is shut out of the whole shop."""
    return _standing().filter(kind=Restriction.Kind.BAN, viewer_id=viewer_id).exists()


def get_muted_until_ms(room_id: UUID, viewer_id: str) -> int:
    """The end of the viewer's mute in the room, or of a ban; 0 for none."""
    found = _standing().filter(Q(kind=Restriction.Kind.BAN) | Q(room_id=room_id), viewer_id=viewer_id)
    return max((_until_ms(restriction) for restriction in found), default=0)


def list_barred(room_id: UUID, viewer_ids: Collection[str]) -> set[str]:
    """Those of the viewers who are muted in the room or banned from the shop. One query."""
    standing = _standing().filter(Q(kind=Restriction.Kind.BAN) | Q(room_id=room_id), viewer_id__in=viewer_ids)
    return set(standing.values_list("viewer_id", flat=True))


def list_mutes(room_id: UUID) -> list[RestrictionView]:
    """Who is muted in the room, the newest first."""
    return [_view(restriction) for restriction in _standing().filter(kind=Restriction.Kind.MUTE, room_id=room_id)]


def list_mute_ends(room_id: UUID | str) -> dict[str, int]:
    """Viewer id -> end in epoch milliseconds."""
    mutes = _standing().filter(kind=Restriction.Kind.MUTE, room_id=room_id)
    return {mute.viewer_id: _until_ms(mute) for mute in mutes}


def list_ban_ends() -> dict[str, int]:
    return {ban.viewer_id: _until_ms(ban) for ban in _standing().filter(kind=Restriction.Kind.BAN)}


def list_refused_words() -> list[str]:
    return list(RefusedWord.objects.values_list("text", flat=True))


def _standing():  # type: ignore[no-untyped-def]  # a queryset
    return Restriction.objects.filter(Q(until=None) | Q(until__gt=wall.now()), lifted_at=None)


def _until_ms(restriction: Restriction) -> int:
    return wall.to_ms(restriction.until) if restriction.until else FOREVER_MS


def _view(restriction: Restriction) -> RestrictionView:
    return RestrictionView(
        id=restriction.pk,
        kind=restriction.kind,
        viewer_id=restriction.viewer_id,
        nickname=restriction.nickname,
        until=restriction.until,
        by=restriction.by,
    )
