"""One sandbox process for tests that leave its knobs alone, one of its own for those that do not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commerce.sandbox.running import Listener, Merchant, Sandbox, listening, new_merchant


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Shared; tests keep apart by keys of their own."""
    running = Sandbox(tmp_path_factory.mktemp("sandbox") / "state.sqlite3").start()
    yield running
    running.end()


@pytest.fixture
def own_sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A process for one test alone: its clock, knobs and life may be changed."""
    running = Sandbox(tmp_path / "state.sqlite3").start()
    yield running
    running.end()


@pytest.fixture
def merchant(sandbox: Sandbox) -> Merchant:
    """A platform with a connected account, new for every test."""
    return new_merchant(sandbox)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A webhook endpoint."""
    with listening() as running:
        yield running
