"""Makes ready for the cards that many will tap: forecast when a show begins, prepared for shortly before, compared with what came."""
