"""The twins, built once for the whole folder. Tests here open no `db` fixture: what they write is undone by `undone()`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test.utils import override_settings

from tests.dramas.transcode.films import Films
from tests.leaks.server import Server
from tests.leaks.twins import Twins, build_twins

NOBODY_LISTENS = "http://127.0.0.1:9"  # the processor is out of reach: no test of isolation needs it


@pytest.fixture(scope="package")
def setting(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("twins")
    return {
        "MEDIA_ROOT": folder / "media",
        "DATA_DIR": folder / "data",
        "RECORDINGS_DIR": folder / "data" / "recordings",
        "MULTITENANT_RELATIVE_MEDIA_ROOT": "%s",
        "CELERY_TASK_ALWAYS_EAGER": True,
        "STRIPE_API_BASE": NOBODY_LISTENS,
        "IS_STRIPE_SANDBOX": True,
        "EMAIL_BACKEND": "merchants.accounts.mail.KeepingBackend",
    }


@pytest.fixture(scope="package")
def twins(django_db_setup: None, django_db_blocker: Any, setting: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    from tests.conftest import _empty_shops

    film = Films(tmp_path_factory.mktemp("film")).get("two_steps")
    with django_db_blocker.unblock():
        with override_settings(**setting), pytest.MonkeyPatch.context() as patch:
            patch.setattr("commerce.payments.gateway.MOST_RETRIES", 0)
            yield build_twins(film)
        _empty_shops(None)


@pytest.fixture(scope="package")
def server(twins: Twins, setting: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real web process over the twins' database, Valkey and files."""
    places = {"MEDIA_STORAGE": f"file://{setting['MEDIA_ROOT']}", "DATA": str(setting["DATA_DIR"]), "STRIPE_API_BASE": NOBODY_LISTENS}
    running = Server(tmp_path_factory.mktemp("web"), places)
    yield running.wait()
    running.stop()


@pytest.fixture(autouse=True)
def _in_the_twins_world(settings: Any, setting: dict[str, Any], _fresh_data_folder: None) -> None:
    """After the folder of each test that the root gives: back to the twins' one."""
    for name, value in setting.items():
        setattr(settings, name, value)


@pytest.fixture
def media_root(setting: dict[str, Any]) -> Path:
    assert django_settings.MEDIA_ROOT == setting["MEDIA_ROOT"]
    return Path(setting["MEDIA_ROOT"])
