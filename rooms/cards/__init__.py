"""Cue to product card; cards raised by hand; the bag of a room."""
