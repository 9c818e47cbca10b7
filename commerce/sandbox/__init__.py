"""A Stripe-shaped server for development and tests: its own program, its own SQLite state, no import of ours."""
