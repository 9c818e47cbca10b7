"""The tenant at every hop: database, async crossing, task, key.

`connection.schema_name` is per thread, so async code never relies on it: it passes the schema, and `tenant_db` enters
it inside the database thread (django-tenants #1168: a new connection is created in the thread).
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import structlog
from celery import current_app, shared_task
from channels.db import database_sync_to_async
from django.db import connection, transaction
from django_tenants.postgresql_backend.base import DatabaseWrapper
from django_tenants.utils import schema_context

P = ParamSpec("P")
R = TypeVar("R")

SCHEMA_NAME = re.compile(r"^[a-z][a-z0-9_]{0,39}$")


class NoTenant(RuntimeError):
    """Code that works on a shop's data ran without a shop: a defect, refused before any query."""


def current_schema() -> str:
    """The schema of this thread's connection; `public` on the platform host."""
    return str(tenant_connection().schema_name)


def tenant_connection() -> DatabaseWrapper:
    """This thread's connection, with django-tenants' own methods."""
    return cast(DatabaseWrapper, connection)


@contextmanager
def in_schema(schema: str) -> Iterator[None]:
    """Enter a shop's schema for the block, with its name on every log entry, and on what is raised (`tenant_of`)."""
    if not SCHEMA_NAME.match(schema):
        raise NoTenant(f"not a schema name: {schema!r}")
    with schema_context(schema), structlog.contextvars.bound_contextvars(tenant=schema):
        try:
            yield
        except Exception as error:
            error.__dict__.setdefault("tenant", schema)
            raise


def tenant_of(error: BaseException | None) -> str:
    """The schema of the shop in which this was raised, also when that was left since; empty outside of one."""
    return str(getattr(error, "tenant", "") or structlog.contextvars.get_contextvars().get("tenant", ""))


def has_schema(schema: str) -> bool:
    """Without it the search path would end in `public`, and a shop that is gone would find the platform's own people there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)", [schema])
        return bool(cursor.fetchone()[0])


def tenant_key(*parts: object, schema: str | None = None) -> str:
    """A Valkey key or topic that begins with the shop: `aurora:rooms:7`."""
    return ":".join([schema or current_schema(), *map(str, parts)])


def tenant_db(story: Callable[P, R]) -> Callable[Concatenate[str, P], Awaitable[R]]:
    """Let async code call a synchronous story: `await story(schema, …)` enters the schema inside the database thread."""

    @wraps(story)
    def enter(schema: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with in_schema(schema):
            return story(*args, **kwargs)

    return database_sync_to_async(enter, thread_sensitive=False)  # type: ignore[return-value]  # asgiref's stub loses Concatenate


# Task name to queue; filled where the tasks are declared, read where they are sent.
QUEUES: dict[str, str] = {}


def tenant_task(*, queue: str = "default", **options: Any) -> Callable[[Callable[..., None]], Any]:
    """A Celery task that runs in its shop's schema: `@tenant_task(queue="transcode")`.

    The task takes keyword arguments only; `schema` is added by `enqueue` and removed here. It may run twice.
    """

    def decorate(task: Callable[..., None]) -> Any:
        name = f"{task.__module__}.{task.__name__}"
        QUEUES[name] = queue
        if "time_limit" in options:
            options.setdefault("soft_time_limit", options["time_limit"] * 0.9)

        @shared_task(name=name, acks_late=True, **options)
        @wraps(task)
        def run(*, schema: str = "", **kwargs: Any) -> None:
            if schema in {"", "public", "template"} or not has_schema(schema):
                raise NoTenant(f"{task.__name__} needs a shop, got {schema!r}")
            with in_schema(schema):
                task(**kwargs)

        return run

    return decorate


def enqueue(name: str, **kwargs: Any) -> None:
    """Send the task `name` (dotted path) for the current shop once the transaction has committed."""
    send_task(current_schema(), name, **kwargs)


def send_task(schema: str, name: str, **kwargs: Any) -> None:
    task = current_app.tasks.get(name) or _find_task(name)
    transaction.on_commit(lambda: task.apply_async(kwargs={"schema": schema, **kwargs}, queue=QUEUES.get(name, "default")))


def _find_task(name: str) -> Any:
    load_tasks()
    return current_app.tasks[name]


def load_tasks() -> None:
    """Let this process know every task. Their modules are read by one thread; others wait for it."""
    with _loading:
        if not _loaded:
            current_app.loader.import_default_modules()
            _loaded.append(True)


_loading = Lock()
_loaded: list[bool] = []
