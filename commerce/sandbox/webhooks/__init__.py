"""Events leave here: queued in the transaction that made them, signed, sent, repeated, and broken on request."""
