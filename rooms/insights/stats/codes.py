"""The verdicts there are, and what each asks people to do. Apart from `verdict`, so that pages need not load the mathematics."""

from collections.abc import Mapping

KEEP_GOING, STOP, WINNER, BROKEN = "keep_going", "stop", "winner", "broken"
ADVICE: Mapping[str, str] = {
    "nobody_yet": KEEP_GOING,
    "too_few": KEEP_GOING,
    "undecided": KEEP_GOING,
    "before_look": KEEP_GOING,
    "no_difference": STOP,
    "not_found": STOP,
    "worse": STOP,
    "mixed": STOP,
    "winner": WINNER,
    "split_broken": BROKEN,
    "guardrail_broken": BROKEN,
}
