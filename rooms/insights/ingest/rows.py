"""From a parcel to the rows of its events."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from dramas.seasons.queries import EpisodePlace
from rooms.insights.events.kinds import OF_LEDGER, PLAYBACK, Kind, place_of
from rooms.insights.events.messages import Parcel, happened_ms

COLUMNS = (
    "id", "room_id", "viewer_id", "session_id", "season_id", "episode_id", "cue_id", "product_id", "at", "received_at", "value",
    "program_seq", "position_ms", "place", "kind", "tenant_id", "surface", "source", "variant",
)  # fmt: skip
TYPES = (
    "uuid", "uuid", "uuid", "uuid", "uuid", "uuid", "uuid", "uuid", "timestamptz", "timestamptz", "int8",
    "int4", "int4", "int4", "int2", "text", "text", "text", "text",
)  # fmt: skip

# The one number of each kind.
VALUES: dict[Kind, str] = {
    Kind.PLAY: "after_ms",
    Kind.HEARTBEAT: "watched_ms",
    Kind.EXIT: "watched_ms",
    Kind.SEEK: "from_ms",
    Kind.QUALITY: "height",
    Kind.STALL: "stalled_ms",
    Kind.LIKE: "count",
    Kind.GIFT: "coins",
    Kind.CHECKOUT: "amount_minor",
    Kind.PAID: "amount_minor",
}
OF_CUES = frozenset({Kind.CUE_SHOWN, Kind.CUE_CLICKED, Kind.CUE_DISMISSED, Kind.BAG})
NO_WORDS = (None, None, None)
DAY_MS = 86_400_000


def episodes_of(parcels: Iterable[Parcel]) -> set[UUID]:
    return {event.episode_id for parcel in parcels for event in parcel.events if event.episode_id is not None}


def days_of(parcels: Iterable[Parcel]) -> set[date]:
    """The days (UTC) whose partitions the rows need."""
    days = {happened_ms(event.id) // DAY_MS for parcel in parcels for event in parcel.events}
    return {date(1970, 1, 1) + timedelta(days=day) for day in days}


def rows_of(parcels: Iterable[Parcel], places: Mapping[UUID, EpisodePlace]) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of `COLUMNS`. An episode that the shop does not have is left out, and with it the place in the story."""
    for schema, room_id, viewer_id, session, received_ms, events in map(msgspec.structs.astuple, parcels):
        received_at = datetime.fromtimestamp(received_ms / 1000, UTC)
        for event in events:
            kind = event.kind
            place = places.get(event.episode_id) if event.episode_id else None
            words = (event.surface, event.source, event.variant) if kind == Kind.ENTER else NO_WORDS
            yield (
                event.id,
                room_id,
                viewer_id,
                session,
                place.season_id if place else None,
                event.episode_id if place else None,
                event.cue_id if kind in OF_CUES or kind in OF_LEDGER else None,
                event.product_id if kind in OF_CUES else None,
                datetime.fromtimestamp(happened_ms(event.id) / 1000, UTC),
                received_at,
                getattr(event, VALUES[kind]) if kind in VALUES else None,
                event.program_seq,
                event.position_ms,
                place_of(place.number, event.position_ms) if place and kind in PLAYBACK else None,
                kind,
                schema,
                *words,
            )
