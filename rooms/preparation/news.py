"""Telling every web process of a shop's coming rush, and hearing of it there.

One channel a shop, `aurora:prepare`: the name says it all, the message is empty. Who does not hear it serves as well, with a slower first minute.
"""

from merchants.foundation.tenancy import tenant_key
from rooms.program.air import client

CHANNEL = "prepare"


def tell_processes() -> int:
    """Returns how many web processes heard it. Raises: RedisError."""
    return int(client().publish(tenant_key(CHANNEL), b""))
