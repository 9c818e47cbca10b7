"""Checkout's door, the Stripe gateway, webhooks, refunds: intent written, committed, called with its key, result written."""
