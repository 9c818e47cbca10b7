"""Two shops and clients on their hosts, for every test."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

from tests import services as embedded

# Tests that share something costly stay in one worker, one after the other.
# Told from the paths: what xdist's own groups append to a test's id, this pytest does not read any more.
GROUPS = {
    "tests/browser/": "browser",
    "tests/dramas/player/": "browser",
    "tests/leaks/": "leaks",
    "tests/config/test_up.py": "up",
    "tests/config/test_demo_alive.py": "up",
}
# Each file of theirs sets up something of its own: events that are planted once, a media node. Of several paths the first holds; what takes
# long begins before what does not, so that the workers end together.
BY_FILE = {
    "tests/rooms/insights/": "insights",
    "tests/rooms/live/test_desk_road.py": "road",
    "tests/rooms/live/test_road.py": "road",
    "tests/realtime/rtc/test_conformance.py": "road",
    "tests/realtime/rtc/": "rtc",
    "tests/rooms/live/": "rtc",
}
# In real time: the first worker's own, in this order. The others stand back (`STANDS_BACK`), begin with what takes long, and come to these
# when there is nothing else left. The demo's six processes and its encoders beside live pictures made viewers leave the direct line for
# want of a processor.
FIRST_WORKER = "gw0"
IN_REAL_TIME = ("up", "browser", "road", "rtc")
TAKES_LONG = ("leaks", "insights")
STANDS_BACK = 5


class _ByGroup(LoadScopeScheduling):
    """Tests in real time run beside others, but not beside each other, as long as there are others."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)

    def _assign_work_unit(self, node: Any) -> None:
        order = (IN_REAL_TIME, TAKES_LONG) if node.gateway.id == FIRST_WORKER else (TAKES_LONG, IN_REAL_TIME)
        self.workqueue.move_to_end(min(self.workqueue, key=lambda group: _rank(group.partition(" ")[0], *order)), last=False)
        super()._assign_work_unit(node)


def _rank(kind: str, first: tuple[str, ...], last: tuple[str, ...]) -> int:
    """Place in the order of one worker: its first kinds, others as they come, its last kinds."""
    if kind in first:
        return first.index(kind) - len(first)
    return 1 + last.index(kind) if kind in last else 0


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.register_profile("shared machine", deadline=None)
    hypothesis.settings.load_profile("shared machine")
    if os.environ.get("PYTEST_XDIST_WORKER", FIRST_WORKER) != FIRST_WORKER:
        os.nice(STANDS_BACK)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Beside another worker that keeps the machine's two cores busy a failure counts once it comes twice, and then once more alone
    (tests/__main__.py). The end of a run names those that did not come again: each wants a look."""
    for item in items:
        item.add_marker(pytest.mark.flaky(reruns=1))


def group_of(nodeid: str) -> str:
    """The kind, for files that share a worker only with themselves the kind and the file; otherwise the test alone."""
    for path, kind in BY_FILE.items():
        if nodeid.startswith(path):
            return f"{kind} {nodeid.partition('::')[0]}"
    return next((kind for path, kind in GROUPS.items() if nodeid.startswith(path)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _ByGroup(config, log)


def _copy_migrated_database() -> None:
    import psycopg

    owner_url = os.environ["TEST_OWNER_URL"].format(name="postgres")
    name = os.environ["DATABASE_URL"].rsplit("/", 1)[1]
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(7)")  # one copy at a time: a template must have no other user
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{embedded.MIGRATED}"')


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Each worker works on its own copy of the migrated database, as the application's role."""
    from django.contrib.auth.hashers import PBKDF2PasswordHasher
    from django.db import connections
    from django.test import TransactionTestCase

    PBKDF2PasswordHasher.iterations = 1_000  # a password's hash tells its own count, so that the processes under test read these too
    _copy_migrated_database()
    TransactionTestCase._fixture_teardown = _empty_shops  # type: ignore[method-assign]  # flush needs TRUNCATE, which the application's role lacks
    yield
    with django_db_blocker.unblock():
        connections.close_all()


def _empty_shops(_case: Any) -> None:
    """After a test that commits: empty the two shops' tables and drop other shops, as the owner."""
    import psycopg
    from django.db import connections

    connections.close_all()
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        extra = owner.execute(
            "SELECT schema_name FROM public.tenants_merchant WHERE schema_name NOT IN ('template', 'aurora', 'borealis')"
        ).fetchall()
        for (schema,) in extra:
            owner.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        owner.execute(
            "DELETE FROM public.tenants_domain d USING public.tenants_merchant m "
            "WHERE d.tenant_id = m.id AND m.schema_name NOT IN ('template', 'aurora', 'borealis')"
        )
        owner.execute("DELETE FROM public.tenants_merchant WHERE schema_name NOT IN ('template', 'aurora', 'borealis')")
        owner.execute("UPDATE public.tenants_merchant SET status = 'open', suspended_reason = '' WHERE schema_name IN ('aurora', 'borealis')")
        owner.execute(_EMPTY)


# A TRUNCATE makes new files for the table and each of its indexes: for a handful of rows DELETE is many times faster.
_EMPTY = """
SET session_replication_role = replica;
DO $$
DECLARE found record;
BEGIN
    FOR found IN
        SELECT format('%I.%I', schemaname, tablename) AS name,
            pg_relation_size(format('%I.%I', schemaname, tablename)::regclass) > 1000000 AS is_large
        FROM pg_tables WHERE schemaname IN ('public', 'aurora', 'borealis')
        AND tablename NOT IN ('django_migrations', 'django_content_type', 'tenants_merchant', 'tenants_domain')
        AND coalesce(obj_description(format('%I.%I', schemaname, tablename)::regclass, 'pg_class'), '') NOT LIKE '%lookup%'
    LOOP
        IF found.is_large THEN EXECUTE 'TRUNCATE ' || found.name || ' CASCADE'; ELSE EXECUTE 'DELETE FROM ' || found.name; END IF;
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
    WHERE schemaname IN ('public', 'aurora', 'borealis') AND last_value IS NOT NULL
    AND sequencename !~ '^(django_migrations|django_content_type|tenants_merchant|tenants_domain)_';
END $$
"""


@pytest.fixture(autouse=True)
def _fresh_data_folder(settings: Any, tmp_path: Any) -> None:
    """Media of a test go to its own folder; mail stays in memory. A new client does not list all static files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MULTITENANT_RELATIVE_MEDIA_ROOT = "%s"  # makes the tenants' storage look at MEDIA_ROOT again
    settings.CELERY_TASK_ALWAYS_EAGER = True
    settings.WHITENOISE_AUTOREFRESH = True


@dataclass(frozen=True)
class Shop:
    """A merchant of the tests."""

    schema: str
    host: str


@pytest.fixture
def aurora(db: None) -> Shop:
    return Shop(schema="aurora", host="aurora.localhost")


@pytest.fixture
def borealis(db: None) -> Shop:
    return Shop(schema="borealis", host="borealis.localhost")


@pytest.fixture
def browse(db: None) -> Callable[[Shop], Any]:
    """`browse(aurora)` is a Django test client that speaks to that shop's host."""
    from django.test import Client

    return lambda shop: Client(headers={"host": shop.host})


@pytest.fixture
def hire(db: None) -> Callable[..., Any]:
    """`hire(aurora, "editor")` is a new member of the shop's staff (password `correct horse battery`)."""
    from merchants.accounts.models import User
    from merchants.foundation.tenancy import in_schema

    def make(shop: Shop, role: str, email: str = "") -> User:
        with in_schema(shop.schema):
            return User.objects.create_user(email=email or f"{role}@{shop.host}.test", password="correct horse battery", role=role)

    return make


@pytest.fixture
def enter(browse: Callable[[Shop], Any], hire: Callable[..., Any]) -> Callable[..., Any]:
    """`enter(aurora, "editor")` is a client that is signed in with that role."""

    def make(shop: Shop, role: str) -> Any:
        from merchants.foundation.tenancy import in_schema

        client = browse(shop)
        person = hire(shop, role)
        with in_schema(shop.schema):
            client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Odd, good and hostile films, each made when it is first asked for."""
    from tests.dramas.transcode.films import Films

    return Films(tmp_path_factory.mktemp("films"))
