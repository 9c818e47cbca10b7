"""The rules before air. Each answer says what was found, where, and how to mend it; nothing here writes.

A season keeps all rules when no finding is blocking. `list_findings` is what the season page shows as “Before air”.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from uuid import UUID

from commerce.catalog.queries import SellableVariant
from dramas.seasons.errors import SeasonNotFound
from dramas.seasons.models import CaptionTrack, Cue, Episode, Season
from dramas.seasons.products import list_known_products, list_unlocks
from dramas.seasons.rule_texts import RULE_TEXTS
from dramas.seasons.timecode import format_length, format_timecode

OK, NOTE, WAITING, ERROR = "ok", "note", "waiting", "error"


@dataclass(frozen=True)
class Finding:
    """One line of the list.

    `level`: `ok` (kept), `note` (may air, worth a look), `waiting` (will mend itself: a transcode), `error`.
    `code` is stable and has its words in `rule_texts.py`; `params` fill them. `episode_id` and `cue_id` say where.
    """

    code: str
    level: str
    params: dict[str, Any] = field(default_factory=dict)
    episode_id: UUID | None = None
    cue_id: UUID | None = None

    @property
    def is_blocking(self) -> bool:
        return self.level in {WAITING, ERROR}

    @property
    def what(self) -> str:
        """In the reader's language."""
        return str(RULE_TEXTS[self.code][0]) % self.params

    @property
    def mend(self) -> str:
        """What to do about it; for a rule that is kept, what the rule asks."""
        return str(RULE_TEXTS[self.code][1]) % self.params


@dataclass(frozen=True)
class _Content:
    season: Season
    episodes: list[Episode]
    cues: dict[UUID, list[Cue]]
    languages: dict[UUID, set[str]]
    known_products: set[UUID]
    unlocks: dict[UUID, SellableVariant]


def list_findings(season_id: UUID) -> list[Finding]:
    """All rules, broken ones first within each rule. Eight queries. Raises: SeasonNotFound."""
    content = _read(season_id)
    return [finding for rule in RULES for finding in rule(content)]


def _read(season_id: UUID) -> _Content:
    season = Season.objects.filter(pk=season_id).first()
    if season is None:
        raise SeasonNotFound
    episodes = list(Episode.objects.filter(season_id=season_id).order_by("number"))
    cues: dict[UUID, list[Cue]] = defaultdict(list)
    for cue in Cue.objects.filter(episode__season_id=season_id).order_by("at_ms", "id"):
        cues[cue.episode_id].append(cue)
    languages: dict[UUID, set[str]] = defaultdict(set)
    for episode_id, language in CaptionTrack.objects.filter(episode__season_id=season_id).values_list("episode_id", "language"):
        languages[episode_id].add(language)
    products = {cue.product_id for found in cues.values() for cue in found if cue.product_id}
    variants = {episode.unlock_variant_id for episode in episodes if episode.unlock_variant_id}
    return _Content(season, episodes, cues, languages, list_known_products(products), list_unlocks(variants))


def _episode_count(content: _Content) -> Iterator[Finding]:
    pacing, count = content.season.pacing, len(content.episodes)
    params = {"count": count, "least": pacing.min_episodes, "most": pacing.max_episodes}
    if count < pacing.min_episodes:
        yield Finding("episodes_too_few", ERROR, params | {"missing": pacing.min_episodes - count})
    elif count > pacing.max_episodes:
        yield Finding("episodes_too_many", ERROR, params | {"surplus": count - pacing.max_episodes})
    else:
        yield Finding("episodes_counted", OK, params)


def _media(content: _Content) -> Iterator[Finding]:
    broken = False
    for episode in content.episodes:
        finding = _media_of(episode)
        if finding is not None:
            broken = True
            yield finding
    if content.episodes and not broken:
        yield Finding("media_ready", OK, {"count": len(content.episodes)})


def _media_of(episode: Episode) -> Finding | None:
    params = {"number": episode.number, "title": episode.title, "percent": episode.progress_permille // 10}
    match episode.state:
        case Episode.State.READY:
            if not episode.is_free and not episode.is_encrypted:
                return Finding("media_unlocked", WAITING, params, episode.pk)
            return None
        case Episode.State.EMPTY:
            return Finding("media_missing", ERROR, params, episode.pk)
        case Episode.State.FAILED:
            return Finding("media_failed", ERROR, params, episode.pk)
    return Finding("media_transcoding", WAITING, params, episode.pk)


def _pacing(content: _Content) -> Iterator[Finding]:
    """Lengths are probed from the file, never typed. Outside the profile a reason is enough: some endings need their minute."""
    pacing, season = content.season.pacing, content.season
    timed = [episode for episode in content.episodes if episode.duration_ms]
    bounds = {"profile": season.get_profile_display(), "least": format_length(pacing.min_duration_ms), "most": format_length(pacing.max_duration_ms)}
    outside = [episode for episode in timed if not pacing.min_duration_ms <= episode.duration_ms <= pacing.max_duration_ms]
    for episode in outside:
        params = bounds | {"number": episode.number, "length": format_length(episode.duration_ms), "reason": season.pacing_reason}
        code, level = ("length_excused", NOTE) if season.pacing_reason else ("length_outside", ERROR)
        yield Finding(code, level, params, episode.pk)
    if timed and not outside:
        lengths = [episode.duration_ms for episode in timed]
        yield Finding("length_inside", OK, bounds | {"shortest": format_length(min(lengths)), "longest": format_length(max(lengths))})


def _free_first(content: _Content) -> Iterator[Finding]:
    if not content.episodes:
        return
    first = content.episodes[0]
    if not first.is_free:
        yield Finding("first_not_free", ERROR, {"number": first.number}, first.pk)
        return
    late = next((later for earlier, later in pairwise(content.episodes) if later.is_free and not earlier.is_free), None)
    if late is not None:
        yield Finding("free_after_paid", ERROR, {"number": late.number, "earlier": late.number - 1}, late.pk)
        return
    free = sum(episode.is_free for episode in content.episodes)
    yield Finding("free_first", OK, {"free": free, "locked": len(content.episodes) - free})


def _unlocks(content: _Content) -> Iterator[Finding]:
    season_grants = f"season:{content.season.pk}"
    for episode in content.episodes:
        if episode.is_free:
            continue
        params = {"number": episode.number}
        if episode.unlock_variant_id is None:
            yield Finding("unlock_missing", ERROR, params, episode.pk)
            continue
        variant = content.unlocks.get(episode.unlock_variant_id)
        if variant is None:
            yield Finding("unlock_not_sold", ERROR, params, episode.pk)
        elif variant.grants not in {episode.grants, season_grants}:
            yield Finding("unlock_grants_other", ERROR, params | {"product": variant.product_title}, episode.pk)


def _cues(content: _Content) -> Iterator[Finding]:
    total, broken = 0, False
    for episode in content.episodes:
        for cue in content.cues[episode.pk]:
            total += 1
            for finding in _broken_cue(cue, episode, content.known_products):
                broken = True
                yield finding
        yield from _overlaps(content.cues[episode.pk], episode)
    if not total:
        yield Finding("cues_none", NOTE)
    elif not broken:
        yield Finding("cues_inside", OK, {"count": total})


def _broken_cue(cue: Cue, episode: Episode, known_products: set[UUID]) -> Iterator[Finding]:
    params = {"number": episode.number, "at": format_timecode(cue.at_ms), "end": format_timecode(episode.duration_ms)}
    if episode.duration_ms and cue.at_ms >= episode.duration_ms:
        yield Finding("cue_after_end", ERROR, params, episode.pk, cue.pk)
    elif episode.duration_ms and cue.ends_ms > episode.duration_ms:
        yield Finding("cue_outlasts", ERROR, params | {"rest": format_timecode(episode.duration_ms - cue.at_ms)}, episode.pk, cue.pk)
    if cue.product_id is not None and cue.product_id not in known_products:
        yield Finding("cue_product_gone", ERROR, params, episode.pk, cue.pk)


def _overlaps(cues: list[Cue], episode: Episode) -> Iterator[Finding]:
    by_kind: dict[str, list[Cue]] = defaultdict(list)
    for cue in cues:
        by_kind[cue.kind].append(cue)
    for same in by_kind.values():
        for earlier, later in pairwise(same):
            if later.at_ms < earlier.ends_ms:
                yield Finding("cues_overlap", NOTE, {"number": episode.number, "at": format_timecode(later.at_ms)}, episode.pk, later.pk)


def _captions(content: _Content) -> Iterator[Finding]:
    """A language that some episodes have and others lack leaves viewers without words half-way."""
    used = set().union(*content.languages.values()) if content.languages else set()
    for language in sorted(used):
        lacking = [episode for episode in content.episodes if language not in content.languages[episode.pk]]
        if lacking:
            numbers = ", ".join(str(episode.number) for episode in lacking)
            yield Finding("captions_lacking", NOTE, {"numbers": numbers, "language": language}, lacking[0].pk)
        else:
            yield Finding("captions_complete", OK, {"language": language})


def _licence(content: _Content) -> Iterator[Finding]:
    if content.season.licence_line:
        yield Finding("licence_given", OK, {"line": content.season.licence_line})
    else:
        yield Finding("licence_missing", NOTE)


RULES: tuple[Callable[[_Content], Iterator[Finding]], ...] = (_episode_count, _media, _pacing, _free_first, _unlocks, _cues, _captions, _licence)
