"""A fixed-window limit shared by all processes, for doors that strangers may knock at."""

from django.core.cache import cache

from merchants.foundation.errors import TooManyRequests


def take_turn(key: str, *, limit: int, window_s: int) -> None:
    """Count one attempt under `key` (the cache puts the shop before it).

    Raises: TooManyRequests once `limit` attempts were made within `window_s` seconds.
    """
    name = f"turns:{key}"
    cache.add(name, 0, timeout=window_s)
    try:
        count = cache.incr(name)
    except ValueError:  # the window ended between the two calls
        cache.set(name, 1, timeout=window_s)
        return
    if count > limit:
        raise TooManyRequests(retry_after_s=window_s)
