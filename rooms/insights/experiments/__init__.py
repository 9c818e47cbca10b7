"""Experiments: what varies for whom, who has seen it, and what follows."""
