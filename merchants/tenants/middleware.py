"""The tenant of a request is its exact host; an unknown host is 404, a suspended shop a plain page."""

from collections.abc import Callable
from time import monotonic

import structlog
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.urls import set_urlconf
from django.utils import timezone, translation

from merchants.foundation.tenancy import current_schema, tenant_connection
from merchants.tenants.models import Domain, Merchant

HOST_CACHE_S = 5.0
HOST_CACHE_SIZE = 4096


class TenantMiddleware:
    """Sets `request.tenant` and the connection's schema; keeps resolved hosts for 5 s in the process."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._hosts: dict[str, tuple[float, Merchant | None]] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        try:
            host = request.get_host().rsplit(":", 1)[0].lower()
        except DisallowedHost:
            return HttpResponseNotFound()
        if host == settings.ALLOWED_DOMAIN:
            return self._answer(request, None, settings.PUBLIC_SCHEMA_URLCONF)
        merchant = self._find(host)
        if merchant is None:
            return _plain_page(request, "unknown_host.html", 404)
        if merchant.is_suspended:
            return _plain_page(request, "suspended.html", 503)
        return self._answer(request, merchant, settings.ROOT_URLCONF)

    def _answer(self, request: HttpRequest, merchant: Merchant | None, urlconf: str) -> HttpResponse:
        request.urlconf = urlconf  # type: ignore[attr-defined]
        set_urlconf(urlconf)
        if merchant is None:
            tenant_connection().set_schema_to_public()
        else:
            request.tenant = merchant  # type: ignore[attr-defined]  # django-tenants' convention: the platform's requests have none
            tenant_connection().set_tenant(merchant)
        structlog.contextvars.bind_contextvars(tenant=current_schema())
        try:
            with timezone.override(merchant.time_zone if merchant else None):
                return self.get_response(request)
        finally:
            tenant_connection().set_schema_to_public()

    def _find(self, host: str) -> Merchant | None:
        kept = self._hosts.get(host)
        if kept and kept[0] > monotonic():
            return kept[1]
        tenant_connection().set_schema_to_public()
        domain = Domain.objects.select_related("tenant").filter(domain=host).first()
        if len(self._hosts) >= HOST_CACHE_SIZE:
            self._hosts.clear()
        merchant = domain.tenant if domain else None
        self._hosts[host] = (monotonic() + HOST_CACHE_S, merchant)
        return merchant


def _plain_page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    with translation.override(translation.get_language_from_request(request)):
        response = render(None, f"merchants/plain/{template}", status=status)  # type: ignore[arg-type]  # no request: these hosts have no session
    response["Cache-Control"] = "no-store"
    return response
