"""Stamped films, made once for all tests of the drama floor."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dramas.stamps import make_stamped_film


@pytest.fixture(scope="session")
def stamped_film(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int, float], Path]:
    """`stamped_film(2, 8.0)` is a film of eight seconds whose frames say “episode 2, frame n”."""
    folder = tmp_path_factory.mktemp("stamped")
    made: dict[tuple[int, float], Path] = {}

    def make(episode: int, seconds: float) -> Path:
        key = (episode, seconds)
        if key not in made:
            made[key] = make_stamped_film(folder / f"{episode}-{seconds}.mp4", seconds=seconds, episode=episode)
        return made[key]

    return make
