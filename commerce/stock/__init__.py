"""Units that can be sold: levels, holds with an end, adjustments with a reason."""
