"""The bag, orders and their states, what led to them, what their buyers are told."""
