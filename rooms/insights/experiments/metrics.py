"""The metrics that an experiment may be decided or guarded by. Each belongs to a source of statistics that knows its quantities."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rooms.insights.stats.moments import Metric

ORDERS, VIEWING, LEDGER = "orders", "viewing", "ledger"


@dataclass(frozen=True)
class NamedMetric:
    """`source` is a key of `config/metric_sources.py`; `metric` names quantities of that source.

    `is_of_rooms`: the sums are a room's, and belong to nobody in it.
    """

    label: Promise
    source: str
    metric: Metric
    is_more_better: bool = True
    is_of_rooms: bool = False


METRICS: Mapping[str, NamedMetric] = {
    "buyers": NamedMetric(_("viewers who buy"), ORDERS, Metric("buyers", is_share=True)),
    "revenue": NamedMetric(_("revenue a viewer"), ORDERS, Metric("revenue", before="revenue_before")),
    "orders": NamedMetric(_("orders a viewer"), ORDERS, Metric("orders")),
    "order_value": NamedMetric(_("value of an order"), ORDERS, Metric("revenue", "orders")),
    "refunds": NamedMetric(_("money paid back a viewer"), ORDERS, Metric("refunded"), is_more_better=False),
    "refund_rate": NamedMetric(_("share of the money paid back"), ORDERS, Metric("refunded", "gross"), is_more_better=False),
    "dwell": NamedMetric(_("time watched a viewer"), VIEWING, Metric("watched_ms", before="watched_before")),
    "interactions": NamedMetric(_("danmaku, likes and gifts a viewer"), VIEWING, Metric("interactions")),
    "clicks": NamedMetric(_("taps on cards a viewer"), VIEWING, Metric("clicks")),
    "click_through": NamedMetric(_("share of the shown cards that are tapped"), VIEWING, Metric("tapped", "shown")),
    "returns": NamedMetric(_("later visits a viewer"), VIEWING, Metric("returns")),
    "stalled": NamedMetric(_("stalled time to watched time"), VIEWING, Metric("stalled_ms", "watched_ms"), is_more_better=False),
    "early_exits": NamedMetric(_("share of visits left within half a minute"), VIEWING, Metric("left_early", "visits"), is_more_better=False),
    "takings": NamedMetric(_("money kept a viewer after fees and refunds"), LEDGER, Metric("takings"), is_of_rooms=True),
}
# Metric and tolerated loss in ‰ of the guardrails that an experiment has unless it names them itself.
GUARDRAILS: Mapping[str, int] = {"stalled": 100, "early_exits": 50, "refund_rate": 100}
METRIC_CHOICES = [(name, metric.label) for name, metric in METRICS.items()]
