"""Lost packets: what we ask publishers for, and what we answer to viewers. Pure."""

from realtime.rtc.packets import MASK_16, sequence_diff

RETRY_S = 0.04
TRIES = 10
MOST_MISSING = 512
MOST_ASKED_AT_ONCE = 60
# A receiver lists everything missing again with each new gap: answering a number once a round trip saved two thirds of the
# repetitions at 15 % loss.
ANSWER_AGAIN_S = 0.15
MOST_ANSWERED = 2048
MOST_ANSWERS_PER_S = 1000


class Gaps:
    """Numbers that a publisher's packets jumped over, asked for again every 40 ms, ten times."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._missing: dict[int, tuple[int, float]] = {}

    def __len__(self) -> int:
        return len(self._missing)

    def __contains__(self, sequence: int) -> bool:
        return sequence in self._missing

    def add(self, sequence: int, now: float) -> bool:
        """True when this packet opened a gap: ask at once."""
        if self._newest is None:
            self._newest = sequence
            return False
        jump = sequence_diff(sequence, self._newest)
        if jump <= 0:
            self._missing.pop(sequence, None)
            return False
        if jump > MOST_MISSING:  # a pause or another encoder, not loss
            self._missing.clear()
        else:
            for step in range(1, jump):
                self._missing[(self._newest + step) & MASK_16] = (0, now)
            while len(self._missing) > MOST_MISSING:
                del self._missing[next(iter(self._missing))]
        self._newest = sequence
        return jump > 1 and bool(self._missing)

    def take_due(self, now: float) -> list[int]:
        """What to ask for now, oldest first; counts as asked."""
        due: list[int] = []
        for sequence, (tries, due_at) in list(self._missing.items()):
            if tries >= TRIES:
                del self._missing[sequence]
            elif due_at <= now and len(due) < MOST_ASKED_AT_ONCE:
                due.append(sequence)
                self._missing[sequence] = (tries + 1, now + RETRY_S)
        return due


class Answers:
    """Which repetitions a viewer gets: each number once per 150 ms, a thousand a second in all."""

    def __init__(self) -> None:
        self._answered_at: dict[int, float] = {}
        self._second = 0
        self._given = 0

    def may_give(self, sequence: int, now: float) -> bool:
        at = self._answered_at.get(sequence)
        if at is not None and now - at < ANSWER_AGAIN_S:
            return False
        if int(now) != self._second:
            self._second, self._given = int(now), 0
        if self._given >= MOST_ANSWERS_PER_S:
            return False
        self._given += 1
        self._answered_at.pop(sequence, None)
        self._answered_at[sequence] = now
        if len(self._answered_at) > MOST_ANSWERED:
            del self._answered_at[next(iter(self._answered_at))]
        return True
