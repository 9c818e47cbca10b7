"""A Valkey of one's own for each test, and web processes on it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.realtime.swarm import SECRET, Cache, Web


@pytest.fixture(autouse=True)
def _same_key(settings) -> None:
    """Tickets are signed here and read in the web processes."""
    settings.SECRET_KEY = SECRET


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    cache = Cache(tmp_path)
    yield cache
    cache.stop()


@pytest.fixture
def forgetful_cache(tmp_path: Path) -> Iterator[Cache]:
    """Loses its data when it is killed."""
    cache = Cache(tmp_path, is_durable=False)
    yield cache
    cache.stop()


@pytest.fixture(scope="module", params=["uvicorn", "daphne"])
def web(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One web process of each kind for a whole module, where nothing is killed; tests use viewers of their own."""
    folder = tmp_path_factory.mktemp(request.param)
    cache = Cache(folder)
    web = Web(folder, cache.url, request.param)
    yield web
    web.stop()
    cache.stop()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Web]]:
    """`serve(cache, "daphne")` is a running web process."""
    running: list[Web] = []

    def make(cache: Cache, kind: str = "uvicorn") -> Web:
        running.append(Web(tmp_path, cache.url, kind))
        return running[-1]

    yield make
    for web in running:
        web.stop()
