"""What a process pays for at its first order, paid beforehand: half a second of loading, and connections that know no table yet.

`load` costs about 0.3 s of a core once a process, `open_connections` some milliseconds for each connection.
"""

from django.db import connection

from commerce.payments import gateway
from merchants.foundation.connections import fill_pool
from merchants.foundation.tenancy import current_schema, load_tasks

# Every table that a checkout writes or reads. Writing nothing makes PostgreSQL look up the table, its indexes, keys and checks.
_WRITTEN = ("shop_order", "order_line", "stock_hold", "stock_level", "fact", "payment_attempt")
_READ = ("variant", "product", "product_picture", "django_session", "tenants_merchant", "tenants_domain")
_LOOK = "; ".join(
    [f"INSERT INTO {table} SELECT * FROM {table} WHERE false" for table in _WRITTEN]  # noqa: S608  names of our own tables
    + [f"SELECT FROM {table} WHERE false" for table in _READ]  # noqa: S608
)


def load() -> None:
    """Load what the first order of a process would load while others wait behind it: the tasks it sends, the processor's client."""
    load_tasks()
    gateway.load()


def open_connections() -> int:
    """Fill this process's pool with connections that know the shop's tables. Returns how many stand ready; 0 without a pool."""
    return fill_pool(current_schema(), _look)


def _look() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOOK)
