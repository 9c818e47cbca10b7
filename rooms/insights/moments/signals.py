"""What viewers' hands say of a second of the story."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Signal(StrEnum):
    DANMAKU = "danmaku"
    REWIND = "rewind"
    TAP = "tap"
    EXIT = "exit"


LABELS: Mapping[Signal, Promise] = {
    Signal.DANMAKU: _("Danmaku"),
    Signal.REWIND: _("Rewinds"),
    Signal.TAP: _("Taps"),
    Signal.EXIT: _("Leaving"),
}
