"""The way to ClickHouse, and the only importer of its client. Every call has a time limit; every question is bound to the current shop."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import structlog
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from django.conf import settings

from merchants.foundation.tenancy import SCHEMA_NAME, NoTenant, current_schema
from rooms.insights.clickhouse.errors import ClickHouseAway
from rooms.insights.clickhouse.table import CREATE, NOTHING, TABLE, TYPES

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_S = 3
ANSWER_TIMEOUT_S = 25
# The server gives up by itself before this side does, so that nothing goes on that nobody waits for.
LONGEST_QUESTION_S = 20
# Small inserts are gathered by the server, which answers once they are written.
INSERTING = {"async_insert": 1, "wait_for_async_insert": 1}


def is_on() -> bool:
    return bool(settings.CLICKHOUSE_URL)


def ask(statement: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    """The rows of a question about the current shop, whose name is bound here and nowhere else.

    Two locks: `{tenant:String}` for the statement's own WHERE, and a filter on the table that the server adds to whatever is asked.
    Raises: ClickHouseAway.
    """
    shop = current_schema()
    if not SCHEMA_NAME.match(shop):
        raise NoTenant(f"not a schema name: {shop!r}")
    limits = {
        "max_execution_time": LONGEST_QUESTION_S,
        "additional_table_filters": f"{{'{TABLE}': 'tenant_id = \\'{shop}\\''}}",
        "do_not_merge_across_partitions_select_final": 1,
    }
    with _failures_told("ask"):
        return _client().query(statement, parameters={**values, "tenant": shop}, settings=limits).result_rows


def insert(columns: Sequence[Sequence[Any]]) -> None:
    """Write rows, given by column in the order of `TYPES`, with `NOTHING` in the place of nulls. Returns once they are written.

    Raises: ClickHouseAway; then all, some or none of them are written, and may be again.
    """
    with _failures_told("insert", rows=len(columns[0])):
        _client().insert(TABLE, columns, column_names=list(TYPES), column_type_names=list(TYPES.values()), column_oriented=True, settings=INSERTING)


def fill(columns: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Columns of PostgreSQL's rows as the table takes them."""
    return [
        [NOTHING[name] if value is None else value for value in column] if name in NOTHING else column
        for name, column in zip(TYPES, columns, strict=True)
    ]


def ensure_table() -> None:
    """Make the table unless it is there. Raises: ClickHouseAway."""
    with _failures_told("create"):
        _client().command(CREATE)


def _client() -> Client:
    return _connect(settings.CLICKHOUSE_URL)


@lru_cache(maxsize=2)
def _connect(url: str) -> Client:
    """One client for all threads of a process: no session of the server's, which would take one question at a time."""
    parts = urlsplit(url)
    return clickhouse_connect.get_client(
        interface=parts.scheme,
        host=parts.hostname,
        port=parts.port,
        username=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
        database=unquote(parts.path.strip("/")) or None,
        connect_timeout=CONNECT_TIMEOUT_S,
        send_receive_timeout=ANSWER_TIMEOUT_S,
        query_retries=1,
        autogenerate_session_id=False,
        client_name="cliffhanger",
    )


@contextmanager
def _failures_told(doing: str, **of: Any) -> Iterator[None]:
    try:
        yield
    except (ClickHouseError, OSError) as error:
        log.warning("clickhouse_away", doing=doing, reason=str(error)[:500], **of)
        raise ClickHouseAway from error
