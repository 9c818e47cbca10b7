"""What the office's home says about seasons."""

from typing import Any

from django.utils.translation import gettext as _

from dramas.pages.board import episode_url, season_url
from dramas.seasons.queries import SeasonView, list_seasons, list_submitted
from dramas.transcode.errors import failure_text
from merchants.dashboard.panels import Link, Panel, Row


def season_panels(user: Any) -> list[Panel]:
    """Failed episodes for those who edit, requests for those who approve; nothing when nothing is to do."""
    failed = [row for season in list_seasons() for row in _failed_rows(season)]
    waiting = [
        Row(
            title=_("“%(title)s” waits for approval") % {"title": season.title},
            tone="warn",
            icon="flag",
            link=Link(_("Review"), season_url(season.id)),
        )
        for season in list_submitted()
    ]
    panels = []
    if failed:
        panels.append(Panel(place="todo", title=_("Episodes to mend"), permission="seasons.edit", figure=str(len(failed)), rows=failed))
    if waiting:
        panels.append(Panel(place="todo", title=_("Approvals"), permission="seasons.approve", figure=str(len(waiting)), rows=waiting))
    return panels


def _failed_rows(season: SeasonView) -> list[Row]:
    return [
        Row(
            title=_("%(season)s: episode %(number)s failed") % {"season": season.title, "number": episode.number},
            detail=failure_text(episode.failure_code, episode.failure_params),
            tone="danger",
            icon="alert",
            link=Link(_("Fix"), episode_url(episode.id)),
        )
        for episode in season.episodes
        if episode.state == "failed"
    ]
