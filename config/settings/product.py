"""The roof's tables, reached by dotted path, and the product's own limits."""

REACTIONS_TABLE = "config.reactions.REACTIONS"
CUE_KINDS_TABLE = "config.cue_kinds.CUE_KINDS"
METRIC_SOURCES_TABLE = "config.metric_sources.METRIC_SOURCES"

# A card is prepared for when its show is forecast to bring so many viewers who tap it, or so many orders.
PREPARE_FROM_TAPS = 20
PREPARE_FROM_ORDERS = 5
