"""Viewer events for the benchmarks: visits as the tests plant them, in numbers, written straight into parcels."""

import random
from uuid import UUID

from dramas.seasons.actions import add_episode, create_season
from dramas.seasons.queries import get_season
from merchants.foundation.tenancy import in_schema
from tests.rooms.insights.planting import Planted

ROOMS, EPISODES = 40, 8


def make_story(schema: str) -> list[UUID]:
    """Eight episodes of a season, whose seconds the events are about."""
    with in_schema(schema):
        season_id = create_season(actor="bench@shop.test", title="Measured", profile="demo", licence_line="")
        for number in range(1, EPISODES + 1):
            add_episode(actor="bench@shop.test", season_id=season_id, title=f"Part {number}")
        return [episode.id for episode in get_season(season_id).episodes]


def planted(schema: str, episodes: list[UUID], *, visits: int, begin_ms: int, seed: int) -> Planted:
    dice = random.Random(seed)
    ids = [UUID(int=dice.getrandbits(128), version=4) for _ in range(ROOMS + 2)]
    return Planted(schema, ids[:ROOMS], episodes, ids[ROOMS:], begin_ms, seed).plant(visits)
