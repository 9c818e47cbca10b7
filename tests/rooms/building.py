"""Rooms for tests, made through the same stories as the office. Everything here needs the shop's schema."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from dramas.seasons.queries import SeasonView, get_season
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import current_schema
from realtime.publish import Topic
from rooms.program.air import client
from rooms.program.queries import RoomView, get_room_by_id
from rooms.program.schedule import create_room
from tests.dramas.building import approve, make_season

HOST = "host@shop.test"


@dataclass
class Stage:
    """A room with an approved season of 30-second episodes, each with one card at 5 s."""

    room_id: UUID
    slug: str
    season: SeasonView

    @property
    def episodes(self) -> list[UUID]:
        return [episode.id for episode in self.season.episodes]

    @property
    def room(self) -> RoomView:
        return get_room_by_id(self.room_id)


def make_stage(approver: Any, *, slug: str = "harbour", episodes: int = 6, is_approved: bool = True, **room: Any) -> Stage:
    season = make_season(episodes=episodes, title=f"Season {slug}")
    if is_approved:
        approve(season.id, approver)
    room_id = create_room(slug=slug, title="Thursday at the pier", season_id=season.id, host_name="Lin", actor=HOST, **room)
    return Stage(room_id=room_id, slug=slug, season=get_season(season.id))


def heard(room_id: UUID, schema: str = "") -> list[dict[str, Any]]:
    """Everything the room was told, oldest first."""
    return read_topic(Topic.room(schema or current_schema(), room_id))


def kinds(room_id: UUID) -> list[str]:
    return [message["k"] for message in heard(room_id)]


def read_topic(topic: Topic) -> list[dict[str, Any]]:
    return [json.loads(fields[b"m"]) for _, fields in client().xrange(topic.stream_key)]


def count_rows(*tables: str) -> dict[str, int]:
    """Rows of each table, to see that a denied case changed nothing."""
    counts = {}
    with connection.cursor() as cursor:
        for table in tables or ALL_TABLES:
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608  names of our own tables
            counts[table] = cursor.fetchone()[0]
    return counts


ALL_TABLES: Sequence[str] = (
    "room", "airing", "program_entry", "raised_card", "lowered_cue", "bag", "comment", "pinned_comment", "danmaku", "hidden_danmaku",
    "restriction", "cue_firing", "stage_guest", "audit_entry",
)  # fmt: skip


def some_viewer() -> str:
    return str(new_id())
