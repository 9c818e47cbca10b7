"""How often a verdict is wrong, and how soon it is right: experiments with a known truth, judged again and again by the product's own code.

Each simulated experiment brings 400 viewers an arm and a look, 50 looks, 6 % of whom buy. `judge` sees the sums alone.
"""

import sys
from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from rooms.insights.stats.effects import get_lift
from rooms.insights.stats.moments import Metric, Moments, gather, moments_of
from rooms.insights.stats.sequences import get_mixture_p
from rooms.insights.stats.verdict import ALWAYS, PLANNED, Arm, Goal, Plan, judge
from tests.load.report import median, print_row

SHARE, LIFT = 0.06, 0.25
LOOKS, A_LOOK = 50, 400
RUNS, POWER_RUNS, ROOM_RUNS = 2_000, 500, 600
DECIDED = {"winner", "worse"}
BUYERS = Goal("buyers", "orders", Metric("buyers", is_share=True))
TAU = 0.1  # of mSPRT: lifts are around a tenth
SEED = 20261129


def main() -> None:
    for bench in (_bench_peeking, _bench_power, _bench_planned, _bench_goals, _bench_rooms, _bench_before):
        if not sys.argv[1:] or bench.__name__.removeprefix("_bench_").replace("_", "-") in sys.argv[1:]:
            bench(np.random.default_rng(SEED))


def _bench_peeking(rng: np.random.Generator) -> None:
    """No difference at all, a look after every 400 viewers: how many are told that there is one."""
    runs = [_buyers(rng, 1.0) for _ in range(RUNS)]
    plan = Plan(units=LOOKS * A_LOOK)
    ours = _percent(sum(_first_decision(run, plan) is not None for run in runs), RUNS)
    naive = _percent(sum(_z_ever(run) for run in runs), RUNS)
    mixture = _percent(sum(_mixture_ever(run) for run in runs[: RUNS // 4]), RUNS // 4)
    print_row("verdicts/false-alarms", ours=ours, unit="%", peer="allowed", peers=2.5, goal="<= 1.0")
    print_row("verdicts/peeking", ours=ours, unit="%", peer="z-test at every look", peers=naive, goal="<= 0.1")
    print_row("verdicts/msprt", ours=ours, unit="%", peer="mSPRT", peers=mixture, goal="<= 1.5")


def _bench_power(rng: np.random.Generator) -> None:
    """A quarter more buyers, 20,000 viewers an arm: how many are found, and after how many viewers, beside a plan of one look."""
    found = [_first_decision(_buyers(rng, 1 + LIFT), Plan(units=LOOKS * A_LOOK)) for _ in range(POWER_RUNS)]
    seen = [look for look in found if look is not None]
    print_row("verdicts/power", ours=_percent(len(seen), POWER_RUNS), unit="%", peer="wanted", peers=95.0, goal=">= 1.0")
    print_row("verdicts/viewers", ours=median(seen) * A_LOOK, unit="an arm", peer="all of them", peers=LOOKS * A_LOOK, goal="<= 0.5")


def _bench_planned(rng: np.random.Generator) -> None:
    """Five planned looks: false alarms stay below the five percent that are spent."""
    runs = [_buyers(rng, 1.0)[:, 9::10] for _ in range(RUNS)]
    told = sum(_first_planned(run) for run in runs)
    print_row("verdicts/planned", ours=_percent(told, RUNS), unit="%", peer="spent", peers=5.0, goal="<= 1.0")


def _bench_goals(rng: np.random.Generator) -> None:
    """Three variants like the control, two goals each: six chances to be fooled share one error."""
    goals, told = [BUYERS, Goal("again", "orders", Metric("again", is_share=True))], 0
    for _ in range(ROOM_RUNS):
        counts = np.cumsum(rng.binomial(A_LOOK * 5, SHARE, size=(4, 2, LOOKS // 5)), axis=2)
        told += any(
            judge(_many_arms(counts[:, :, look], (look + 1) * A_LOOK * 5), goals, Plan(units=LOOKS * A_LOOK)).code in DECIDED
            for look in range(LOOKS // 5)
        )
    print_row("verdicts/many-goals", ours=100 - _percent(told, ROOM_RUNS), unit="% not fooled", peer="wanted", peers=95.0, goal=">= 1.0")


def _bench_rooms(rng: np.random.Generator) -> None:
    """Whole rooms that differ by themselves, ten an arm, ten looks: judged by room, beside counting viewers as if each sat alone."""
    by_room = by_viewer = 0
    plan, goal = Plan(units=10, least_units=5), Goal("buyers", "orders", BUYERS.metric.over_clusters("people"))
    for _ in range(ROOM_RUNS):
        rates = rng.beta(6, 94, size=(2, 10))
        buyers = np.cumsum(rng.binomial(300, rates[:, :, None], size=(2, 10, 10)), axis=2)
        arms = [[_rooms(key, buyers[row, :, look], 300 * (look + 1)) for row, key in enumerate("ab")] for look in range(10)]
        by_room += any(judge(pair, [goal], plan).code in DECIDED for pair in arms)
        totals = buyers.sum(axis=1)
        by_viewer += any(judge(_arms(totals[:, look], 3_000 * (look + 1)), [BUYERS], Plan(units=30_000)).code in DECIDED for look in range(10))
    ours, theirs = _percent(by_room, ROOM_RUNS), _percent(by_viewer, ROOM_RUNS)
    print_row("verdicts/rooms", ours=ours, unit="%", peer="allowed", peers=5.0, goal="<= 1.0")
    print_row("verdicts/rooms-as-viewers", ours=ours, unit="%", peer="counted by viewer", peers=theirs, goal="<= 0.2")


def _bench_before(rng: np.random.Generator) -> None:
    """Viewers who spend about as they did before: the interval with what was before taken out, beside the one without."""
    before = rng.gamma(0.5, 4_000, size=(2, 20_000)) * (rng.random((2, 20_000)) < 0.3)
    after = 0.7 * before + rng.gamma(0.5, 2_000, size=before.shape) * (rng.random(before.shape) < 0.2)
    arms = [gather(("revenue", "revenue_before"), zip(after[row], before[row], strict=True)) for row in (0, 1)]
    errors = [get_lift(Metric("revenue", before=name), *arms).standard_error for name in ("revenue_before", "")]
    print_row("verdicts/adjusted", ours=errors[0], unit="standard error", peer="unadjusted", peers=errors[1], goal="<= 0.8")


def _buyers(rng: np.random.Generator, factor: float) -> np.ndarray:
    """Buyers so far by arm and look."""
    return np.cumsum([rng.binomial(A_LOOK, SHARE, LOOKS), rng.binomial(A_LOOK, SHARE * factor, LOOKS)], axis=1)


def _first_decision(run: np.ndarray, plan: Plan) -> int | None:
    """The number of the look, from 1, that decides; None when none does."""
    assert plan.method == ALWAYS
    return next((look + 1 for look in range(LOOKS) if judge(_arms(run[:, look], (look + 1) * A_LOOK), [BUYERS], plan).code in DECIDED), None)


def _first_planned(run: np.ndarray) -> bool:
    taken: tuple[float, ...] = ()
    for look in range(run.shape[1]):
        plan = Plan(units=LOOKS * A_LOOK, method=PLANNED, looks=5, taken=taken)
        verdict = judge(_arms(run[:, look], (look + 1) * A_LOOK * 10), [BUYERS], plan)
        if verdict.code in DECIDED:
            return True
        taken = (*taken, verdict.look) if verdict.look else taken
    return False


def _z_ever(run: np.ndarray) -> bool:
    n = np.arange(1, LOOKS + 1) * A_LOOK
    shares = run / n
    pooled = shares.mean(axis=0)
    z = (shares[1] - shares[0]) / np.sqrt(pooled * (1 - pooled) * 2 / n)
    return bool((2 * ndtr(-np.abs(z)) < 0.05).any())


def _mixture_ever(run: np.ndarray) -> bool:
    def p_at(look: int) -> float:
        a, b = (_sums(run[row, look], (look + 1) * A_LOOK) for row in (0, 1))
        return get_mixture_p(get_lift(BUYERS.metric, a, b), TAU)

    return _any(lambda look: p_at(look) < 0.05, LOOKS)


def _any(test: Callable[[int], bool], looks: int) -> bool:
    return any(test(look) for look in range(looks))


def _sums(buyers: int, units: int) -> Moments:
    return moments_of(units, buyers=(buyers, buyers))


def _arms(buyers: np.ndarray, units: int) -> list[Arm]:
    return [Arm(key, 1, units, {"orders": _sums(int(count), units)}, split=units) for key, count in zip("ab", buyers, strict=True)]


def _many_arms(counts: np.ndarray, units: int) -> list[Arm]:
    sums = [moments_of(units, buyers=(int(one), int(one)), again=(int(other), int(other))) for one, other in counts]
    return [Arm(key, 1, units, {"orders": found}, split=units) for key, found in zip("abcd", sums, strict=True)]


def _rooms(key: str, buyers: np.ndarray, people: int) -> Arm:
    return Arm(key, 1, len(buyers), {"orders": gather(("buyers", "people"), [(int(count), people) for count in buyers])})


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole


if __name__ == "__main__":
    main()
