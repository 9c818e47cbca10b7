"""The stories by slug."""

from __future__ import annotations

from config.demo.film.script import Story
from config.demo.film.stories.aurora import AURORA
from config.demo.film.stories.borealis import BOREALIS

STORIES: dict[str, Story] = {story.slug: story for story in (AURORA, BOREALIS)}
