"""Verdicts in words: what was found, how sure that is, and what to do. Never a bare p-value."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rooms.insights.experiments.metrics import METRICS
from rooms.insights.stats.codes import ADVICE, BROKEN, KEEP_GOING, STOP, WINNER

ADVICE_TEXTS: Mapping[str, Promise] = {
    KEEP_GOING: gettext_lazy("Keep going"),
    STOP: gettext_lazy("Stop"),
    WINNER: gettext_lazy("Winner"),
    BROKEN: gettext_lazy("Broken"),
}
SENTENCES: Mapping[str, Promise] = {
    "nobody_yet": gettext_lazy("Nobody has seen the experiment yet."),
    "too_few": gettext_lazy("Too few to say anything: %(units)s in the smallest variant, at least %(least)s are needed."),
    "undecided": gettext_lazy("Not decided yet: %(units)s of %(planned)s planned in the smallest variant. Keep going."),
    "before_look": gettext_lazy("Planned look %(look)s comes at %(next)s in each variant; there are %(units)s. Do not decide before."),
    "no_difference": gettext_lazy(
        "No difference worth having: “%(variant)s” changes “%(goal)s” by something between %(low)s and %(high)s. Stop, and keep what is simpler."
    ),
    "not_found": gettext_lazy(
        "No difference was found by the planned end: “%(variant)s” changes “%(goal)s” by something between %(low)s and %(high)s. "
        "Stop, or plan a larger experiment."
    ),
    "worse": gettext_lazy(
        "No variant is better: “%(variant)s” changes “%(goal)s” by %(lift)s (between %(low)s and %(high)s). Stop, and keep the control."
    ),
    "mixed": gettext_lazy(
        "“%(variant)s” is better in one goal and worse in another: it changes “%(goal)s” by %(lift)s (between %(low)s and %(high)s). Decide by hand."
    ),
    "winner": gettext_lazy("“%(variant)s” wins: it changes “%(goal)s” by %(lift)s (between %(low)s and %(high)s)."),
    "split_broken": gettext_lazy(
        "Viewers were not split as announced: %(counts)s instead of %(expected)s. Find what breaks the split and start anew: "
        "nothing else here can be believed."
    ),
    "guardrail_broken": gettext_lazy("“%(variant)s” breaks a guardrail: it changes “%(goal)s” by %(lift)s (between %(low)s and %(high)s). Stop it."),
}


def say(code: str, params: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[str, str]:
    """What a verdict asks for, and its sentence in the reader's language. `titles`: names of the variants by id."""
    return ADVICE[code], str(SENTENCES[code]) % {name: _word(name, value, titles) for name, value in params.items()}


def say_percent(fraction: float | None) -> str:
    """`+8.0 %`, with a real minus; “unknown” for None."""
    if fraction is None:
        return _("unknown")
    sign = "−" if fraction < 0 else "+"
    return f"{sign}{number_format(abs(fraction) * 100, 1, use_l10n=True, force_grouping=True)} %"


def _word(name: str, value: Any, titles: Mapping[str, str]) -> str:
    if name in {"lift", "low", "high"}:
        return say_percent(value)
    if name == "variant":
        return titles.get(value, value)
    if name == "goal":
        return str(METRICS[value].label) if value in METRICS else str(value)
    if isinstance(value, Mapping):
        return " : ".join(number_format(count, force_grouping=True) for count in value.values())
    return number_format(value, force_grouping=True)
