"""Loaded with `-p tests.early`: the services must run before Django reads its settings from the environment."""

import os
from collections.abc import Iterator

import pytest

from config.embedded import postgres
from tests import services as embedded

_running: list[embedded.Services] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """The controlling process starts the services; every worker gets addresses of its own database and Valkey number."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None and "TEST_OWNER_URL" not in os.environ:
        _start()
    name = f"tests_{worker or 'main'}"
    data = embedded.ROOT / ".cache" / f"data-{os.environ['TEST_RUN']}-{worker or 'main'}"
    os.environ.update(
        DATABASE_OWNER_URL=os.environ["TEST_OWNER_URL"].format(name=name),
        DATABASE_URL=os.environ["TEST_APPLICATION_URL"].format(name=name),
        VALKEY_URL=os.environ["TEST_VALKEY_URL"].format(number=0 if worker is None else int(worker.removeprefix("gw")) + 1),
        SECRET_KEY="a key of the tests, long enough to be accepted by every signer 0123456789",
        DATA=str(data),
        LOG_LEVEL="WARNING",
        # Threads of tests end as they like, and a pool would wait for their connections for ever. What a test starts has the usual one.
        DATABASE_POOL_SIZE="0",
    )
    try:
        return (yield)  # Django's settings are read
    finally:
        del os.environ["DATABASE_POOL_SIZE"]


def _start() -> None:
    running = embedded.start_services()
    _running.append(running)
    os.environ.update(
        TEST_RUN=str(os.getpid()),
        TEST_OWNER_URL=running.database.url(postgres.OWNER, "{name}"),
        TEST_APPLICATION_URL=running.database.url(postgres.APPLICATION, "{name}"),
        TEST_VALKEY_URL=f"redis://127.0.0.1:{running.cache.port}/{{number}}",
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    for running in _running:
        running.stop()
    if _running:
        embedded.remove_data_folders(os.environ["TEST_RUN"])
