"""Background work: no shop, no work; and the work of one shop leaves the other's rows, files and keys alone."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.test import TestCase
from django_tenants.utils import schema_context

from commerce.payments.inbox.models import StripeEvent
from config.celery import app
from merchants.foundation.errors import DomainError
from merchants.foundation.tenancy import QUEUES, NoTenant, in_schema
from merchants.tenants.tasks import run_in_every_shop
from rooms.insights.events.models import Report
from tests.leaks.expectations.tasks import SHARED, TENANT
from tests.leaks.mirror import digest_of, files_of
from tests.leaks.twins import OURS, THEIRS, Twins, undone
from tests.leaks.valkey import dump_of

# Nowhere to work: missing, not a shop's, not a name at all, nobody's.
NO_SHOPS = ("", "public", "template", 'aurora"; DROP SCHEMA borealis', "Aurora", "aurora,borealis", "nobody")


def registered() -> set[str]:
    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith("celery.")}


def run(name: str, schema: str, arguments: dict[str, str]) -> None:
    """As a worker runs it, with what it sends on after its commit. It may say that there is no such row, or that nobody answers."""
    with TestCase.captureOnCommitCallbacks() as after_commit, suppress(DomainError, ObjectDoesNotExist):
        app.tasks[name](schema=schema, **arguments)
    with in_schema(schema), TestCase.captureOnCommitCallbacks(execute=True):  # a commit comes inside the task
        for callback in after_commit:
            callback()


def everything_of(twins: Twins, schema: str) -> Iterator[Any]:
    yield from digest_of(schema).items()
    yield from dump_of(schema).items()
    with schema_context("public"):
        yield "events", list(StripeEvent.objects.filter(schema=schema).values())
    with in_schema(schema):
        yield "reports", list(Report.objects.values())
    for root in (twins.media_root, twins.data_root / "sources", twins.data_root / "work"):
        yield from files_of(root, schema).items()


def test_every_task_is_expected() -> None:
    """The registry and `expectations.tasks` list the same tasks, and tenant tasks are those that ask for a shop."""
    unlisted, gone = registered() - set(TENANT) - set(SHARED), (set(TENANT) | set(SHARED)) - registered()
    assert not unlisted, f"add to TENANT (with its arguments) or SHARED in tests/leaks/expectations/tasks.py: {sorted(unlisted)}"
    assert not gone, f"take out of tests/leaks/expectations/tasks.py: {sorted(gone)}"
    assert set(TENANT) == set(QUEUES) & registered()


@pytest.mark.parametrize("name", sorted(TENANT))
def test_a_task_without_a_shop_is_refused(name: str, twins: Twins) -> None:
    """Neither silence nor `public` nor a made-up name is a place to work."""
    arguments = TENANT[name](twins.shop.values)
    with undone():
        for schema in NO_SHOPS:
            with pytest.raises(NoTenant):
                app.tasks[name](schema=schema, **arguments)
        with pytest.raises(NoTenant):
            app.tasks[name](**arguments)


@pytest.mark.parametrize("name", sorted(TENANT))
@pytest.mark.parametrize("whose", ["equal", "foreign"])
def test_a_task_of_one_shop_leaves_the_other_alone(name: str, whose: str, twins: Twins) -> None:
    """Called in aurora with ids that both shops have, and with ids that only borealis has."""
    values = twins.shop.values if whose == "equal" else twins.stranger.values
    before = dict(everything_of(twins, THEIRS))
    with undone():
        run(name, OURS, TENANT[name](values))
        after = dict(everything_of(twins, THEIRS))
    assert {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} == set()


def test_shared_tasks_hand_out_work_to_open_shops_only(twins: Twins, monkeypatch: pytest.MonkeyPatch) -> None:
    """One task a shop, each with that shop's name, none for the template and the platform."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(app.tasks["realtime.tasks.sweep_outbox"], "apply_async", lambda kwargs, **_options: sent.append(kwargs))
    with undone(), TestCase.captureOnCommitCallbacks(execute=True):
        run_in_every_shop(name="realtime.tasks.sweep_outbox")
    assert sent == [{"schema": OURS}, {"schema": THEIRS}]
