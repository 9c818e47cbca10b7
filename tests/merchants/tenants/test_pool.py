"""A connection that goes back to the pool carries nothing of the shop that used it: in a process that has the pool, as every one but the tests'."""

import json
import os
import subprocess
import sys
from typing import Any

from config.install import ROOT
from tests.conftest import Shop

_ASK = """
import asyncio, json
import django
django.setup()
from django.db import connection
from merchants.foundation.tenancy import in_schema, tenant_db

def ask():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path'), pg_backend_pid()")
        return cursor.fetchone()

async def look():
    return [await tenant_db(ask)(schema) for _ in range(20) for schema in ("aurora", "borealis")]

in_turns = []
for schema in ("aurora", "borealis", "aurora"):
    with in_schema(schema):
        in_turns.append(ask())
    connection.close()
in_turns.append(ask())
connection.close()
print(json.dumps({"in_turns": in_turns, "looks": asyncio.run(look())}))
"""


def asked() -> dict[str, list[tuple[str, int]]]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_POOL_SIZE": "5"}
    done = subprocess.run([sys.executable, "-c", _ASK], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
    found: Any = json.loads(done.stdout)
    return {name: [(path, session) for path, session in rows] for name, rows in found.items()}


def test_the_next_shop_gets_the_session_and_not_the_path(aurora: Shop, borealis: Shop) -> None:
    """One session serves each shop in turn, and stands in public without one; forty looks of asynchronous code open a handful."""
    found = asked()
    assert [path for path, _ in found["in_turns"]] == ["aurora, public", "borealis, public", "aurora, public", "public"]
    assert len({session for _, session in found["in_turns"]}) == 1
    assert [path for path, _ in found["looks"]] == ["aurora, public", "borealis, public"] * 20
    assert len({session for _, session in found["looks"]}) <= 3
