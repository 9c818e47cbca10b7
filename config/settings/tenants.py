"""Tenancy, the databases and the cache: one PostgreSQL schema a merchant."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.settings import env

_address = env.DatabaseAddress.parse(env.DATABASE_URL)
_options: dict[str, Any] = {
    "connect_timeout": 5,
    "options": "-c statement_timeout=30000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000",
}
if env.DATABASE_POOL_SIZE:
    _options["pool"] = {"min_size": 0, "max_size": env.DATABASE_POOL_SIZE, "timeout": 5}

DATABASES = {
    "default": {
        "ENGINE": "merchants.tenants.backend",
        "NAME": _address.name,
        "USER": _address.user,
        "PASSWORD": _address.password,
        "HOST": _address.host,
        "PORT": _address.port,
        "OPTIONS": _options,
        "CONN_HEALTH_CHECKS": True,
    }
}
# The role that owns the schemas: migrations and the cloning of a new shop's schema. The application's own role is neither
# owner nor superuser, so that REVOKE and row-level security hold.
DATABASE_OWNER_URL = env.DATABASE_OWNER_URL
APPLICATION_ROLE = env.APPLICATION_ROLE or _address.user
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]

TENANT_MODEL = "tenants.Merchant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
# Of django-tenants: no `SET search_path` while the path is known; our backend knows it across switches.
TENANT_LIMIT_SET_CALLS = True
PUBLIC_SCHEMA_NAME = "public"
TEMPLATE_SCHEMA = "template"
SHOW_PUBLIC_IF_NO_TENANT_FOUND = False
AUTO_CREATE_SCHEMA = False

VALKEY_URL = env.VALKEY_URL
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": VALKEY_URL,
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "REVERSE_KEY_FUNCTION": "django_tenants.cache.reverse_key",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

# Without it insights are answered from the rollups in PostgreSQL. With it the process of the events writes there as well.
CLICKHOUSE_URL = env.CLICKHOUSE_URL
if CLICKHOUSE_URL and not (urlsplit(CLICKHOUSE_URL).scheme in {"http", "https"} and urlsplit(CLICKHOUSE_URL).hostname):
    raise ImproperlyConfigured("CLICKHOUSE_URL is the address of ClickHouse's HTTP interface, as in http://user:password@10.0.0.7:8123/cliffhanger.")
