"""Why a file is not taken, as a code and its figures. The words for people are in `errors.py`.

Kept free of Django because it crosses the process boundary: the probe runs confined, in a process of its own.
"""


class Refusal(Exception):
    """A source we do not take.

    Args:
        code: one of `REFUSAL_CODES`.
        figures: what the sentence for people names (numbers are already rounded, units in the name).
    """

    def __init__(self, code: str, **figures: str | int | float) -> None:
        super().__init__(code)
        self.code = code
        self.figures = figures


REFUSAL_CODES = frozenset(
    {
        "empty",
        "not_video_file",
        "no_video",
        "no_picture",
        "truncated",
        "unsupported_codec",
        "too_large",
        "too_long",
        "too_short",
        "too_many_pixels",
        "too_fast",
        "unreadable",
        "damaged",
    }
)
