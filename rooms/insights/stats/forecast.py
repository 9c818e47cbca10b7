"""How many will be at each card of the next show, and how many of them tap and order: from past shows, with an honest error.

For a card at `place` (its share of the story, 0 to 1) the forecast is

    viewers = audience * watching(card)      taps = viewers * tapping(card)      orders = viewers * ordering(card)

* `audience`: simple exponential smoothing of the logarithm (Brown 1956; Hyndman & Athanasopoulos, Forecasting: Principles and
  Practice, 3rd ed., section 8.1). Audiences vary by factors, not by differences, so the level is a geometric mean; a show `k` shows
  ago weighs 2^(-k / HALF_LIFE).
* The three shares are binomial, and most cards have been seen by few. Each is drawn to what the shop's cards at that place of the
  story do: empirical Bayes with a beta prior (Kleinman 1973, J. Am. Stat. Assoc. 68, 46-54; Gelman et al., Bayesian Data Analysis,
  3rd ed., section 5.1), (hits + m * mean) / (trials + m). `mean` is the weighted share of all cards of the kind around that
  place (a Gaussian kernel, Nadaraya 1964), `m` comes from how far the cards differ beyond chance (method of moments).

"As last time", the usual guess, carries the whole chance of one evening twice: in what is guessed and in what comes.
The error is measured, never assumed: `backtest` forecasts every past show from those before it alone.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

HALF_LIFE = 8.0
# Places of the story closer than this say something of each other.
KERNEL = 0.12
# How strongly a card is drawn to the others: as if so many viewers more had been seen. The bounds hold where cards are too few to tell.
STRENGTH = (20.0, 2_000.0)
USUAL_STRENGTH = 200.0
# A forecast is judged once so many shows came before it.
LEAST_SHOWS = 3
MEASURES = ("viewers", "taps", "orders")


@dataclass(frozen=True)
class CardSeen:
    """A card in a past show. `viewers` were shown it; `taps` and `orders` are viewers, too."""

    card: Hashable
    kind: str
    place: float
    viewers: int
    taps: int
    orders: int


@dataclass(frozen=True)
class PastShow:
    """`audience`: everybody who was there for a moment at least. `is_here`: in the room that is asked about; other rooms of the shop tell how
    cards do, not how many come."""

    audience: int
    cards: tuple[CardSeen, ...]
    is_here: bool = True


@dataclass(frozen=True)
class CardToCome:
    card: Hashable
    kind: str
    place: float


@dataclass(frozen=True)
class Expected:
    """Expected numbers at a card: means, not whole."""

    card: Hashable
    viewers: float
    taps: float
    orders: float


@dataclass(frozen=True)
class Measured:
    """How good forecasts have been. `error` and `naive_error`: sum of absolute errors by sum of what came (WAPE), of ours and of "as last time";
    `low` and `high`: of what came by what was forecast, the tenth and the ninetieth percentile."""

    cards: int
    error: float
    naive_error: float
    low: float
    high: float


def forecast(past: Sequence[PastShow], cards: Iterable[CardToCome]) -> list[Expected]:
    """`past`: oldest first. Without past shows nothing is known: an empty list."""
    if not past:
        return []
    audience = _audience(_here(past))
    rates = _Rates(past)
    found = []
    for card in cards:
        viewers = audience * rates.share(card, "watching")
        found.append(Expected(card.card, viewers, viewers * rates.share(card, "tapping"), viewers * rates.share(card, "ordering")))
    return found


def as_last_time(past: Sequence[PastShow], cards: Iterable[CardToCome]) -> list[Expected]:
    """The usual guess: what the card did in the last show; a new card does what the nearest one did."""
    last = _here(past)[-1].cards if past else ()
    found = []
    for card in cards:
        near = min(last, key=lambda seen: (seen.card != card.card, abs(seen.place - card.place)), default=None)
        if near is not None:
            found.append(Expected(card.card, near.viewers, near.taps, near.orders))
    return found


def backtest(past: Sequence[PastShow]) -> dict[str, Measured]:
    """By measure. Empty while there are too few shows to judge by."""
    pairs: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for number in range(LEAST_SHOWS, len(past)):
        show, before = past[number], past[:number]
        if not show.is_here:
            continue
        cards = [CardToCome(seen.card, seen.kind, seen.place) for seen in show.cards]
        ours, naive = (
            {found.card: found for found in guess(before, cards)} for guess in (forecast, as_last_time)
        )  # fmt: skip
        for seen in show.cards:
            if seen.card in ours and seen.card in naive:
                for measure in MEASURES:
                    values = (getattr(ours[seen.card], measure), getattr(naive[seen.card], measure), float(getattr(seen, measure)))
                    pairs[measure].append(values)
    return {measure: _measure(found) for measure, found in pairs.items() if sum(came for _, _, came in found) > 0}


def _measure(pairs: Sequence[tuple[float, float, float]]) -> Measured:
    came = sum(actual for _, _, actual in pairs)
    ratios = sorted(actual / ours for ours, _, actual in pairs if ours > 0)
    return Measured(
        cards=len(pairs),
        error=sum(abs(actual - ours) for ours, _, actual in pairs) / came,
        naive_error=sum(abs(actual - naive) for _, naive, actual in pairs) / came,
        low=_quantile(ratios, 0.1),
        high=_quantile(ratios, 0.9),
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 1.0


def _here(past: Sequence[PastShow]) -> Sequence[PastShow]:
    """A room that never had a show is taken for one like the others."""
    return [show for show in past if show.is_here] or past


def _weights(past: Sequence[PastShow]) -> Iterator[tuple[float, PastShow]]:
    for ago, show in enumerate(reversed(past)):
        yield 2 ** (-ago / HALF_LIFE), show


def _audience(past: Sequence[PastShow]) -> float:
    """The median of what comes, where absolute errors are smallest. An evening without anybody counts as half a viewer."""
    weighted = [(weight, math.log(max(show.audience, 0.5))) for weight, show in _weights(past)]
    total = sum(weight for weight, _ in weighted)
    return math.exp(sum(weight * value for weight, value in weighted) / total)


@dataclass(frozen=True)
class _Count:
    """Of one card over its past shows: `trials` and `hits` weighed by age."""

    card: CardToCome
    trials: float
    hits: float


_SHARES: dict[str, Callable[[PastShow, CardSeen], tuple[int, int]]] = {
    "watching": lambda show, seen: (show.audience, seen.viewers),
    "tapping": lambda _show, seen: (seen.viewers, seen.taps),
    "ordering": lambda _show, seen: (seen.viewers, seen.orders),
}


class _Rates:
    """The shop's cards, counted once."""

    def __init__(self, past: Sequence[PastShow]) -> None:
        self._counts = {name: _gather(past, count) for name, count in _SHARES.items()}
        self._strengths = {name: self._strength(counts) for name, counts in self._counts.items()}

    def share(self, card: CardToCome, name: str) -> float:
        counts = self._counts[name]
        own = counts.get(card.card)
        strength = self._strengths[name]
        mean = _mean_at(counts.values(), card)
        trials, hits = (own.trials, own.hits) if own else (0.0, 0.0)
        return min(1.0, (hits + strength * mean) / (trials + strength))

    @staticmethod
    def _strength(counts: dict[Hashable, _Count]) -> float:
        """m = p(1 - p) / v - 1, with `v` the variance of the cards' shares around their place's mean beyond that of chance."""
        wide = [count for count in counts.values() if count.trials > 0]
        if len(wide) < 3:
            return USUAL_STRENGTH
        total = sum(count.trials for count in wide)
        mean = sum(count.hits for count in wide) / total
        spread = sum(count.trials * (count.hits / count.trials - _mean_at(counts.values(), count.card)) ** 2 for count in wide) / total
        chance = sum(mean * (1 - mean) for _ in wide) / total
        beyond = spread - chance
        least, most = STRENGTH
        if beyond <= 0 or mean <= 0:
            return most
        return min(most, max(least, mean * (1 - mean) / beyond - 1))


def _gather(past: Sequence[PastShow], count: Callable[[PastShow, CardSeen], tuple[int, int]]) -> dict[Hashable, _Count]:
    cards: dict[Hashable, CardToCome] = {}
    sums: dict[Hashable, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for weight, show in _weights(past):
        for seen in show.cards:
            trials, hits = count(show, seen)
            cards.setdefault(seen.card, CardToCome(seen.card, seen.kind, seen.place))  # the newest place: shows come newest first
            sums[seen.card][0] += weight * trials
            sums[seen.card][1] += weight * hits
    return {card: _Count(cards[card], *values) for card, values in sums.items()}


def _mean_at(counts: Collection[_Count], card: CardToCome) -> float:
    """The share of the shop's cards of the kind around that place; of all kinds where there is none of it."""
    for is_meant in (lambda count: count.card.kind == card.kind, lambda count: True):
        weighed = [(math.exp(-(((count.card.place - card.place) / KERNEL) ** 2) / 2), count) for count in counts if is_meant(count)]
        trials = sum(weight * count.trials for weight, count in weighed)
        if trials > 0:
            return sum(weight * count.hits for weight, count in weighed) / trials
    return 0.0
