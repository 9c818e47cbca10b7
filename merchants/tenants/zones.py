"""Time zones by their IANA names."""

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def validate_time_zone(name: str) -> None:
    """Raises: ValidationError. A zone that no clock knows would take every page of the shop down."""
    if name not in available_timezones():
        raise ValidationError(_("This is not a time zone; write it like Europe/Berlin or Asia/Shanghai."))
