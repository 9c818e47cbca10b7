"""`/healthz`, `/readyz` and `/metrics` answer on every host, before tenancy: probes come by address, not by name."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django_prometheus.exports import ExportToDjangoView
from prometheus_client import REGISTRY

from merchants.foundation.connections import PoolGauge
from merchants.foundation.tenancy import tenant_connection
from rooms.insights.events.metrics import EventsLag

PROBE_TIMEOUT_S = 1.0

REGISTRY.register(EventsLag())
REGISTRY.register(PoolGauge())


class ProbeMiddleware:
    """Liveness says the process runs; readiness says its database and Valkey answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match request.path_info:
            case "/healthz":
                return JsonResponse({"status": "alive"})
            case "/readyz":
                return _readiness()
            case "/metrics":
                return ExportToDjangoView(request)
        return self.get_response(request)


def _readiness() -> JsonResponse:
    parts = {"database": _database_answers(), "valkey": _valkey_answers()}
    is_ready = all(parts.values())
    return JsonResponse({"status": "ready" if is_ready else "not ready", **parts}, status=200 if is_ready else 503)


def _database_answers() -> bool:
    try:
        tenant_connection().set_schema_to_public()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _valkey_answers() -> bool:
    client = redis.Redis.from_url(settings.VALKEY_URL, socket_timeout=PROBE_TIMEOUT_S, socket_connect_timeout=PROBE_TIMEOUT_S)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
