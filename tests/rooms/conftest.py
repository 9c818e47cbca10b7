"""Stages: rooms with an approved season, in a shop of choice."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from merchants.foundation.tenancy import in_schema
from rooms.program.air import client
from tests.rooms.building import Stage, make_stage


@pytest.fixture(autouse=True)
def _fresh_valkey(db: None) -> Iterator[None]:
    yield
    client().flushdb()  # this worker's own number


@pytest.fixture
def set_up(hire: Callable[..., Any]) -> Callable[..., Stage]:
    """`set_up(aurora)` is a room with an approved season; `set_up(aurora, is_approved=False)` one that may not air yet."""
    people: dict[str, Any] = {}

    def make(shop: Any, **options: Any) -> Stage:
        if shop.schema not in people:
            people[shop.schema] = hire(shop, "reviewer", f"reviewer-{shop.schema}@shop.test")
        with in_schema(shop.schema):
            return make_stage(people[shop.schema], **options)

    return make
