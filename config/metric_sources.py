"""Where the sums behind an experiment's metrics come from. `rooms.insights.experiments.sources.StatisticsSource` is the form of each."""

METRIC_SOURCES: dict[str, str] = {
    "orders": "rooms.insights.experiments.orders.OrderStatistics",
    "viewing": "rooms.insights.experiments.viewing.ViewingStatistics",
    "ledger": "rooms.insights.experiments.takings.TakingsStatistics",
}
