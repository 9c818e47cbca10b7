"""Suggestions in words."""

from collections.abc import Mapping
from math import isinf

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dramas.seasons.timecode import format_length
from rooms.insights.moments.proposals import Deed, Proposal
from rooms.insights.moments.signals import LABELS, Signal

_DEEDS: Mapping[Deed, Promise] = {
    Deed.ADD_CARD: gettext_lazy("Put a card at %(begin)s"),
    Deed.MOVE_CARD: gettext_lazy("Move the card to %(to)s"),
    Deed.TIGHTEN: gettext_lazy("Tighten %(begin)s to %(end)s"),
}
_DOUBTS: Mapping[bool, Promise] = {
    True: gettext_lazy("%(viewers)s viewers leave from %(begin)s to %(end)s: %(low)s to %(high)s times the episode's pace. Seen, not tested."),
    False: gettext_lazy(
        "%(signal)s by %(viewers)s viewers from %(begin)s to %(end)s: %(low)s to %(high)s times the rest of the episode. Seen, not tested."
    ),
}


def say_proposal(proposal: Proposal) -> str:
    return str(_DEEDS[proposal.deed]) % _parts(proposal)


def say_doubt(proposal: Proposal) -> str:
    return str(_DOUBTS[proposal.signal == Signal.EXIT]) % _parts(proposal)


def say_question(proposal: Proposal, *, episode: str) -> str:
    """The question of the experiment that tries it out."""
    shape = _("“%(episode)s”: does the card sell more at %(to)s?")
    return shape % (_parts(proposal) | {"episode": episode})


def _parts(proposal: Proposal) -> dict[str, str]:
    interval = proposal.bump.ratio.interval
    return {
        "signal": str(LABELS[proposal.signal]),
        "viewers": number_format(proposal.bump.hits),
        "begin": format_length(proposal.begin_s * 1000),
        "end": format_length(proposal.end_s * 1000),
        "to": format_length(proposal.to_ms or 0),
        "low": number_format(round(interval.low, 1), 1),
        "high": "∞" if isinf(interval.high) else number_format(round(interval.high, 1), 1),
    }
