"""The audit trail of a season as sentences."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.foundation.audit import ActionView, list_actions

SENTENCES: dict[str, Promise] = {
    "season.create": gettext_lazy("Season created"),
    "season.edit": gettext_lazy("Season edited: %(fields)s"),
    "season.submit": gettext_lazy("Sent for approval"),
    "season.approve": gettext_lazy("Approved and sealed"),
    "season.approval_withdrawn": gettext_lazy("Approval taken back"),
    "season.air": gettext_lazy("Went on air"),
    "episode.add": gettext_lazy("Episode %(number)s: added “%(title)s”"),
    "episode.edit": gettext_lazy("Episode %(number)s: edited %(fields)s"),
    "episode.reorder": gettext_lazy("Episodes put in another order"),
    "episode.remove": gettext_lazy("Episode %(number)s: removed “%(title)s”"),
    "episode.ready": gettext_lazy("Episode %(number)s: ready"),
    "episode.failed": gettext_lazy("Episode %(number)s: the video failed"),
    "cue.add": gettext_lazy("Episode %(number)s: cue added at %(at)s"),
    "cue.edit": gettext_lazy("Episode %(number)s: cue moved from %(before)s to %(at)s"),
    "cue.remove": gettext_lazy("Episode %(number)s: cue at %(at)s removed"),
    "cue.replace": gettext_lazy("Episode %(number)s: %(count)s cues imported"),
    "captions.put": gettext_lazy("Episode %(number)s: captions in %(language)s"),
    "captions.remove": gettext_lazy("Episode %(number)s: captions in %(language)s removed"),
}


@dataclass(frozen=True)
class HistoryLine:
    at: datetime
    who: str
    text: str


def list_history(season_id: UUID, *, limit: int) -> tuple[list[HistoryLine], int]:
    """The newest lines, and how many there are in all."""
    actions, total = list_actions(f"season:{season_id}", limit=limit)
    return [HistoryLine(action.at, _who(action.actor), _sentence(action)) for action in actions], total


def _who(actor: str) -> str:
    return _("System") if actor == "system" else actor.split("@")[0]


def _sentence(action: ActionView) -> str:
    """An entry of an older version may lack a detail: then its name alone."""
    text = SENTENCES.get(action.action)
    if action.action == "cue.edit" and action.details.get("before") == action.details.get("at"):
        text = gettext_lazy("Episode %(number)s: cue at %(at)s edited")
    try:
        return str(text) % action.details if text is not None else action.action
    except KeyError:
        return action.action
