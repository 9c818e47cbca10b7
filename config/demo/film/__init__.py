"""The demo story's source films: drawn, scored and voiced on the machine, in seconds. See README.md."""

from __future__ import annotations

from config.demo.film.render import RenderedCue, RenderedEpisode, RenderFailed, RenderStopped, render_episode
from config.demo.film.script import Episode, Product, Story, Variant
from config.demo.film.stories import STORIES

__all__ = ["STORIES", "Episode", "Product", "RenderFailed", "RenderStopped", "RenderedCue", "RenderedEpisode", "Story", "Variant", "render_episode"]
