"""One line of JSON a log entry; every entry of a request or a task carries its tenant."""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog


def _tenant_of_request(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Django speaks of a refused request after the middleware has left it: the shop then comes from the request itself."""
    request = getattr(entry.get("_record"), "request", None)
    tenant = getattr(request, "tenant", None)
    if tenant is not None:
        entry.setdefault("tenant", tenant.schema_name)
    return entry


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]


def make_formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*SHARED_PROCESSORS, _tenant_of_request], processor=structlog.processors.JSONRenderer()
    )


def configure() -> None:
    """Send structlog's entries through the standard library's handlers."""
    structlog.configure(
        processors=[*SHARED_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
