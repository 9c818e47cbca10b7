"""Sockets. The hub sends; Channels only connects and receives, so there is no channel layer on the hot path."""

SOCKET_TABLE = "config.sockets"
SOCKET_TENANT_LOOKUP = "merchants.tenants.queries.find_schema_of_host"
