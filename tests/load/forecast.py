"""How far off the forecast of a show's cards is, beside the usual guess "as last time": evenings made by the simulator's model.

Thirty evenings of a story with eight cards for each of twenty seeds; every evening from the fourth on is forecast from those before it alone.
"""

import sys
from statistics import mean

from rooms.insights.stats.forecast import MEASURES, backtest
from tests.load.report import print_row
from tests.rooms.insights.airings import make_shows

EVENINGS, SEEDS = 30, range(1, 21)


def main() -> None:
    measured = [backtest(make_shows(EVENINGS, seed=seed)) for seed in SEEDS]
    for measure in MEASURES:
        if not sys.argv[1:] or measure in sys.argv[1:]:
            ours = mean(found[measure].error for found in measured)
            naive = mean(found[measure].naive_error for found in measured)
            print_row(f"forecast/{measure}", ours=100 * ours, unit="% off", peer="as last time", peers=100 * naive, goal="<= 0.8")


if __name__ == "__main__":
    main()
