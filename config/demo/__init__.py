"""The demo: two shops that are alive whenever they are opened, built through the same actions as the office."""
