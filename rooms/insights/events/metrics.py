"""For Prometheus: how far the storing of viewer events is behind. Every web process says the same, so any one of them will do."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from rooms.insights.events.stream import read_lag


class EventsLag(Collector):
    """Asked at each scrape; says nothing while Valkey does not answer, which has an alarm of its own."""

    def collect(self) -> Iterator[Metric]:
        try:
            lag = read_lag()
        except (RedisError, OSError):
            return
        yield GaugeMetricFamily("insights_events_waiting", "Entries of the event stream that no consumer has acknowledged", value=lag.entries)
        yield GaugeMetricFamily("insights_events_oldest_seconds", "For how long the oldest of them has waited", value=lag.oldest_s)

    def describe(self) -> Iterator[Metric]:
        """Without it, registering would already ask Valkey."""
        return iter(())
