"""Socket messages of moderation."""

from realtime.messages import Lossless


class Mute(Lossless, tag="mute"):
    """`author` may not write until `until_ms`; 0 lifts the mute. Screens hide what they still show of the author."""

    author: str
    until_ms: int
    revision: int


class Rules(Lossless, tag="rules"):
    """`slow_mode_s`: seconds between two messages of one viewer; 0 is off."""

    slow_mode_s: int
    revision: int
