"""The dramas app's office pages: re-exports only."""

from dramas.pages.admin import EpisodeAdmin, SeasonAdmin

__all__ = ["EpisodeAdmin", "SeasonAdmin"]
