"""What is wrong with a publisher, judged from glimpses and levels. Pure: times are monotonic seconds, given by the caller."""

from typing import Any, Literal

Trouble = Literal["black", "frozen", "silent"]

# Two encodings of the same picture differ by this much in a cell, and on average; a talking face differs by more.
MOST_CELL, MOST_MEAN = 4, 1.0
# Black is 16 in most cameras' luma and 0 in some; noise and a logo's edge are forgiven.
BLACK_MEAN, BLACK_CELL = 24, 40
# A muted microphone gives zeros; -60 dB is below every room.
SILENT_PEAK = 0.001
AFTER_S: dict[Trouble, float] = {"black": 2.0, "frozen": 3.0, "silent": 3.5}
MARGIN_S = 0.5


class Symptoms:
    def __init__(self) -> None:
        self._since: dict[Trouble, float] = {}
        self._cells: Any = None
        self._seen_at = 0.0

    def is_suspect(self, *, now: float) -> bool:
        """The last glimpses were alike: worth another look before the next keyframe. Once it is said, keyframes will do."""
        return "frozen" in self._since and now - self._since["frozen"] < AFTER_S["frozen"] + MARGIN_S

    def see(self, cells: Any, *, now: float) -> None:
        """`cells` as in `senses.Glimpse`."""
        self._note("black", bool(cells.mean() < BLACK_MEAN and cells.max() < BLACK_CELL), now)
        is_same = self._cells is not None and _is_alike(self._cells, cells)
        if not is_same:
            self._cells, self._seen_at = cells, now
        self._note("frozen", is_same, self._seen_at)

    def hear(self, peak: float, *, now: float) -> None:
        self._note("silent", peak < SILENT_PEAK, now)

    def troubles(self, *, now: float) -> dict[Trouble, float]:
        """Since when what has lasted long enough to be said. A black picture is not called frozen as well."""
        lasting = {trouble: since for trouble, since in self._since.items() if now - since >= AFTER_S[trouble]}
        if "black" in lasting:
            lasting.pop("frozen", None)
        return lasting

    def _note(self, trouble: Trouble, is_so: bool, since: float) -> None:
        if is_so:
            self._since.setdefault(trouble, since)
        else:
            self._since.pop(trouble, None)


def _is_alike(one: Any, other: Any) -> bool:
    apart = abs(one - other)
    return bool(apart.max() <= MOST_CELL and apart.mean() <= MOST_MEAN)
