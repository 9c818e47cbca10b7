"""Stripe's events as they arrive, in the public schema: before the shop behind an event is known."""
