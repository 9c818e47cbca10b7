"""Who reacts to which fact. A handler gets the fact, runs in the tenant's schema after the commit, and may run twice."""

REACTIONS: dict[str, list[str]] = {
    "commerce.catalog.facts.PriceChanged": ["rooms.cards.reactions.show_price"],
    "commerce.catalog.facts.ProductChanged": ["rooms.cards.reactions.show_product"],
    "commerce.stock.facts.StockChanged": ["rooms.cards.reactions.show_stock"],
    "commerce.orders.facts.OrderPlaced": ["rooms.insights.events.reactions.count_checkout"],
    "commerce.orders.facts.OrderPaid": ["rooms.engagement.reactions.announce_purchase", "rooms.insights.events.reactions.count_payment"],
    "dramas.seasons.facts.EpisodeAccessChanged": ["dramas.transcode.reactions.on_access_changed"],
    "dramas.seasons.facts.EpisodeRemoved": ["dramas.transcode.reactions.on_episode_removed"],
    "dramas.seasons.facts.EpisodeReady": ["rooms.director.reactions.go_on_when_ready"],
    "dramas.seasons.facts.SeasonApproved": ["rooms.director.reactions.go_on_when_approved"],
    "dramas.seasons.facts.SeasonChanged": ["rooms.cards.reactions.refill_bags"],
    "merchants.tenants.facts.TimeZoneChanged": ["rooms.insights.rollups.reactions.redate_visits"],
    "rooms.preparation.facts.CardAhead": ["rooms.preparation.reactions.prepare"],
    "rooms.program.facts.ShowStarted": ["rooms.cards.reactions.fill_bag", "rooms.preparation.reactions.forecast_show"],
    "rooms.program.facts.ShowClosed": ["rooms.engagement.reactions.keep_the_show", "rooms.insights.letters.reactions.owe_figures"],
}
