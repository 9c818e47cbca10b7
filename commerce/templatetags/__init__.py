"""Template tags of the commerce floor."""
