"""The load report: how many viewers one machine carries, found by letting more and more of them come."""
