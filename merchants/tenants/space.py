"""How much of its media quota a shop uses. Who counts is a table of the roof (`MEDIA_COUNTS`)."""

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string


def count_media_bytes() -> int:
    """Everything that the quota covers. Needs: the shop's schema."""
    counts: list[Callable[[], int]] = [import_string(path) for path in settings.MEDIA_COUNTS]
    return sum(count() for count in counts)
