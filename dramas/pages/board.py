"""What the season page shows: the strip of episodes, the rules before air, the way to the seal. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commerce.catalog.queries import list_sellable
from dramas.pages.history import HistoryLine, list_history
from dramas.seasons.digest import digest_of
from dramas.seasons.profiles import Profile
from dramas.seasons.queries import EpisodeView, SealView, SeasonView, get_seal, get_season, list_cues_of
from dramas.seasons.timecode import format_length
from dramas.seasons.validation import ERROR, OK, WAITING, Finding, list_findings
from dramas.transcode.errors import failure_text
from merchants.accounts.permissions import can
from merchants.foundation.money import format_money

HISTORY_SHORT, HISTORY_LONG = 6, 200
AT_WORK = ("waiting", "transcoding", "preview")


@dataclass(frozen=True)
class EpisodeCard:
    """One card of the strip. `access` is the text of its chip, `failure` a sentence."""

    episode: EpisodeView
    length: str
    cue_count: int
    access: str
    step: str
    percent: int
    failure: str
    url: str

    @property
    def is_at_work(self) -> bool:
        return self.episode.state in AT_WORK


@dataclass(frozen=True)
class Rule:
    """One line of “Before air”. `url` leads to where it is mended, empty when it is kept."""

    finding: Finding
    url: str


@dataclass(frozen=True)
class Step:
    """One step to the seal: `done`, `now` or `later`."""

    name: str
    detail: str
    state: str


@dataclass(frozen=True)
class Primary:
    """The one button of the page's head."""

    label: str
    url: str
    icon: str


@dataclass(frozen=True)
class Board:
    season: SeasonView
    profile: str
    meta: str
    status: str
    status_tone: str
    cards: list[EpisodeCard]
    strip_note: str
    rules: list[Rule]
    kept: int
    is_rule_complete: bool
    steps: list[Step]
    digest: str
    digest_groups: list[str]
    seal: SealView
    may_edit: bool
    may_approve: bool
    open_count: int
    primary: Primary | None
    history: list[HistoryLine]
    history_total: int
    is_at_work: bool


def get_board(season_id: UUID, user: Any, *, whole_history: bool = False) -> Board:
    """Raises: SeasonNotFound."""
    season = get_season(season_id)
    findings = list_findings(season_id)
    blocking = [finding for finding in findings if finding.is_blocking]
    digest, seal = digest_of(season_id), get_seal(season_id)
    cards = _cards(season)
    history, total = list_history(season_id, limit=HISTORY_LONG if whole_history else HISTORY_SHORT)
    status, tone = _status(season, seal, cards)
    return Board(
        season=season,
        profile=str(Profile(season.profile).label),
        meta=_meta(season, cards),
        status=status,
        status_tone=tone,
        cards=cards,
        strip_note=_strip_note(cards),
        rules=[Rule(finding, _place(season, finding)) for finding in findings],
        kept=sum(finding.level == OK for finding in findings),
        is_rule_complete=not blocking,
        steps=_steps(season, cards, len(blocking), seal),
        digest=digest,
        digest_groups=[digest[:8], digest[8:16], digest[16:24], "…", digest[-8:]],
        seal=seal,
        may_edit=can(user, "seasons.edit"),
        may_approve=can(user, "seasons.approve"),
        open_count=len(blocking),
        primary=_primary(season, findings, seal, user),
        history=history,
        history_total=total,
        is_at_work=any(card.is_at_work for card in cards) or any(finding.level == WAITING for finding in findings),
    )


def _cards(season: SeasonView) -> list[EpisodeCard]:
    cues = list_cues_of(episode.id for episode in season.episodes)
    variants = list_sellable([episode.variant_id for episode in season.episodes if episode.variant_id])
    prices = {variant_id: format_money(variant.price) for variant_id, variant in variants.items()}
    return [
        EpisodeCard(
            episode=episode,
            length=format_length(episode.duration_ms) if episode.duration_ms else "",
            cue_count=len(cues[episode.id]),
            access=_access(episode, prices),
            step=_step(episode),
            percent=episode.progress_permille // 10,
            failure=failure_text(episode.failure_code, episode.failure_params) if episode.failure_code else "",
            url=episode_url(episode.id),
        )
        for episode in season.episodes
    ]


def episode_url(episode_id: UUID) -> str:
    return reverse("admin:dramas_episode_change", args=[episode_id])


def season_url(season_id: UUID) -> str:
    return reverse("admin:dramas_season_change", args=[season_id])


def _access(episode: EpisodeView, prices: Mapping[UUID, str]) -> str:
    if episode.is_free:
        return _("Free")
    price = prices.get(episode.variant_id) if episode.variant_id else None
    if price is None:
        return _("No price yet")
    return _("Unlock: %(price)s") % {"price": price} if episode.access == "product" else price


def _step(episode: EpisodeView) -> str:
    steps = {"sound": _("Sound"), "preview": _("Preview"), "ladder": _("Renditions"), "publish": _("Publishing")}
    return _("Waiting for its turn") if episode.state == "waiting" else steps.get(episode.step, _("Getting ready"))


def _meta(season: SeasonView, cards: list[EpisodeCard]) -> str:
    episodes = ngettext("%(count)s episode", "%(count)s episodes", len(cards)) % {"count": len(cards)}
    cue_count = sum(card.cue_count for card in cards)
    cues = ngettext("%(count)s cue", "%(count)s cues", cue_count) % {"count": cue_count}
    whole = format_length(sum(episode.duration_ms for episode in season.episodes))
    parts = {"episodes": episodes, "length": whole, "cues": cues, "profile": Profile(season.profile).label}
    return _("%(episodes)s, %(length)s in all, %(cues)s. Pacing %(profile)s") % parts


def _status(season: SeasonView, seal: SealView, cards: list[EpisodeCard]) -> tuple[str, str]:
    if season.state != "draft":
        return (_("Approved"), "ok") if season.state == "approved" else (_("On air"), "ok")
    unfinished = sum(card.episode.state != "ready" for card in cards)
    if unfinished:
        return ngettext("Draft, %(count)s episode to finish", "Draft, %(count)s episodes to finish", unfinished) % {"count": unfinished}, "warn"
    return (_("Waiting for approval"), "warn") if seal.submitted_by else (_("Draft"), "neutral")


def _strip_note(cards: list[EpisodeCard]) -> str:
    ready = sum(card.episode.state == "ready" for card in cards)
    at_work = sum(card.is_at_work for card in cards)
    failed = sum(card.episode.state == "failed" for card in cards)
    parts = [_("%(count)s ready") % {"count": ready}]
    parts += [_("%(count)s transcoding") % {"count": at_work}] if at_work else []
    parts += [_("%(count)s failed") % {"count": failed}] if failed else []
    return ", ".join(parts)


def _place(season: SeasonView, finding: Finding) -> str:
    if finding.level == OK:
        return ""
    if finding.cue_id is not None and finding.episode_id is not None:
        return f"{episode_url(finding.episode_id)}#cue-{finding.cue_id}"
    if finding.episode_id is not None:
        return episode_url(finding.episode_id)
    return reverse("admin:dramas_season_details", args=[season.id]) if finding.code != "episodes_too_few" else "#episodes"


def _steps(season: SeasonView, cards: list[EpisodeCard], open_count: int, seal: SealView) -> list[Step]:
    ready = sum(card.episode.state == "ready" for card in cards)
    done = [bool(cards) and ready == len(cards), open_count == 0, bool(seal.submitted_by) or seal.is_standing, seal.is_standing]
    names = [_("Episodes"), _("Rules before air"), _("Sent for approval"), _("Season seal")]
    details = [
        _("%(ready)s of %(all)s ready") % {"ready": ready, "all": len(cards)},
        _("all kept") if open_count == 0 else ngettext("%(count)s point open", "%(count)s points open", open_count) % {"count": open_count},
        seal.submitted_by or (_("by an editor or the owner") if not seal.is_standing else _("done")),
        _("%(who)s, %(when)s") % {"who": seal.approved_by, "when": seal.approved_text} if seal.is_standing else _("needs all of the above"),
    ]
    now = next((place for place, is_done in enumerate(done) if not is_done), len(done))
    return [Step(names[i], details[i], "done" if done[i] else "now" if i == now else "later") for i in range(len(names))]


def _primary(season: SeasonView, findings: list[Finding], seal: SealView, user: Any) -> Primary | None:
    """What most needs doing: a broken episode, a broken rule, then the seal, then the air."""
    broken = next((finding for finding in findings if finding.level == ERROR), None)
    if broken is not None and can(user, "seasons.edit"):
        number = broken.params.get("number") if broken.episode_id else None
        label = _("Fix episode %(number)s") % {"number": number} if number else _("Fix the season")
        return Primary(label, _place(season, broken), "replay")
    if seal.is_standing:
        return Primary(_("Schedule a room"), "/admin/rooms/room/add/", "calendar") if can(user, "rooms.edit") else None
    return None
