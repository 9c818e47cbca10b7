"""Who came back, took part and bought: equal to plain loops over the same visits."""

from collections import defaultdict
from math import sqrt
from uuid import UUID

import pytest

from merchants.foundation.tenancy import in_schema
from rooms.insights.audience.queries import list_audience
from rooms.insights.events import messages as m
from rooms.insights.queries.shapes import Question, Slice
from rooms.insights.stats.shares import get_share_interval
from tests.rooms.insights.fold import DAY_MS, Visit
from tests.rooms.insights.planting import Planted

pytestmark = pytest.mark.django_db
VISITS = 500
ACTS = (m.DanmakuEvent, m.LikeEvent, m.GiftEvent, m.CueClickedEvent)


def by_viewer(visits: list[Visit]) -> dict[UUID, list[Visit]]:
    found: dict[UUID, list[Visit]] = defaultdict(list)
    for visit in visits:
        found[visit.viewer].append(visit)
    return found


@pytest.mark.parametrize("split", ["none", "variant", "room"])
def test_shares_are_of_viewers_and_equal_a_plain_fold(planted: Planted, visits: list[Visit], split: str) -> None:
    with in_schema("aurora"):
        rows = list_audience(Question(Slice(), split=split))  # type: ignore[arg-type]  # one of them
    groups = {"none": {""}, "variant": {"A", "B"}, "room": {str(room) for room in planted.rooms}}[split]
    assert {row.group for row in rows} == groups
    for row in rows:
        of_group = [visit for visit in visits if split == "none" or row.group == (visit.variant if split == "variant" else str(visit.room))]
        viewers = by_viewer(of_group)
        assert (row.viewers, row.visits) == (len(viewers), len(of_group))
        assert row.returned == sum(len({visit.first_ms // DAY_MS for visit in own}) > 1 for own in viewers.values())
        assert row.interacted == sum(any(isinstance(event, ACTS) for visit in own for event in visit.events) for own in viewers.values())
        bought = [sum(visit.revenue for visit in own) for own in viewers.values()]
        assert row.buyers == sum(any(isinstance(order, m.PaidEvent) for visit in own for order in visit.orders) for own in viewers.values())
        assert row.revenue_minor == sum(bought)
        mean = sum(bought) / len(bought)
        half = 1.959964 * sqrt(sum((one - mean) ** 2 for one in bought) / (len(bought) - 1) / len(bought))
        assert (row.revenue_per_viewer, row.revenue_per_viewer_high) == pytest.approx((mean, mean + half))
        interval = get_share_interval(row.buyers, row.viewers)
        assert (row.conversion_low, row.conversion_high) == (interval.low, interval.high)
        assert row.returned_low < row.returned_share < row.returned_high


def test_nobody_is_no_row(planted: Planted) -> None:
    with in_schema("aurora"):
        assert list_audience(Question(Slice(source="nobody"))) == []
