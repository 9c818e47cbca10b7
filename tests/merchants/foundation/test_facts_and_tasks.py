"""Facts that are told together, and a process that sends its first tasks from many threads."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import transaction

from commerce.orders.facts import OrderPlaced
from commerce.stock.facts import StockChanged
from config.install import ROOT
from merchants.foundation import clock, facts
from merchants.foundation.ids import new_id
from merchants.foundation.models import FactRecord
from merchants.foundation.tenancy import in_schema


def order_placed() -> OrderPlaced:
    return OrderPlaced(new_id(), "A-1", "iris", None, None, None, "", 100, "USD", clock.now())


@pytest.mark.django_db(transaction=True)
def test_many_facts_are_one_statement_and_are_all_delivered(aurora: Any, borealis: Any, django_assert_num_queries: Any, monkeypatch: Any) -> None:
    """In this shop alone; what nobody listens to leaves no row."""
    sent: list[tuple[str, Any]] = []
    monkeypatch.setattr(facts, "enqueue", lambda name, **values: sent.append((name, values)))
    with in_schema(aurora.schema):
        monkeypatch.setitem(facts._reactions(), StockChanged.kind(), [])
        told = [order_placed(), StockChanged(new_id(), new_id(), 3), order_placed()]
        with transaction.atomic():
            FactRecord.objects.exists()
            with django_assert_num_queries(1):
                facts.emit_all(told)
        ((name, values),) = sent
        assert name == "merchants.foundation.tasks.deliver_facts"
        assert len(values["fact_ids"]) == FactRecord.objects.count() == 2
        assert set(FactRecord.objects.values_list("payload__order_id", flat=True)) == {str(told[0].order_id), str(told[2].order_id)}
        from merchants.foundation.tasks import deliver_facts

        deliver_facts(schema=aurora.schema, **values)
        assert not FactRecord.objects.filter(delivered_at=None).exists()
        with pytest.raises(RuntimeError, match="inside the transaction"):
            facts.emit_all(told)
    with in_schema(borealis.schema):
        assert not FactRecord.objects.exists()


_AT_ONCE = """
import django; django.setup()
from concurrent.futures import ThreadPoolExecutor
from merchants.foundation.tenancy import _find_task
with ThreadPoolExecutor(32) as pool:
    names = ["merchants.foundation.tasks.deliver_fact", "commerce.stock.tasks.announce_stock"] * 32
    print(len([task.name for task in pool.map(_find_task, names)]))
"""


def test_the_first_tasks_of_a_process_may_come_all_at_once() -> None:
    """Sixty-four at a process that has loaded none: each finds its own, none a module that is half there."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, "-c", _AT_ONCE], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "64", done.stderr[-2000:]
