"""The product's settings with a socket table of the tests, and shops that need no database to be found."""

from config.settings import *  # noqa: F403

SOCKET_TABLE = "tests.realtime.site.table"
SOCKET_TENANT_LOOKUP = "tests.realtime.site.table.find_schema"
