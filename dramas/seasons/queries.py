"""Reads: seasons, episodes and cues as frozen dataclasses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils.formats import date_format
from django.utils.timezone import localtime

from dramas.seasons.errors import CueNotFound, EpisodeNotFound, SeasonNotFound
from dramas.seasons.models import Approval, CaptionTrack, Cue, Episode, Season


@dataclass(frozen=True)
class EpisodeView:
    """An episode as other slices may know it.

    `state`: empty, waiting, transcoding, preview, ready, failed. `is_playable` stays true while a new upload is worked on.
    `media_folder` is relative to the shop's media; `poster_url` is empty until there is a poster.
    """

    id: UUID
    season_id: UUID
    number: int
    title: str
    synopsis: str
    access: str
    variant_id: UUID | None
    grants: str
    duration_ms: int
    state: str
    step: str
    progress_permille: int
    failure_code: str
    failure_params: dict[str, Any]
    is_playable: bool
    is_encrypted: bool
    media_version: str
    media_folder: str
    width: int
    height: int
    frame_rate: str
    poster_url: str

    @property
    def is_free(self) -> bool:
        return self.access == "free"


@dataclass(frozen=True)
class EpisodePlace:
    """Which season an episode belongs to, and its number there."""

    season_id: UUID
    number: int


@dataclass(frozen=True)
class SeasonView:
    """A season with its episodes in order.

    `is_airable`: its content, as it stands, carries a person's approval. `is_published`: shoppers may watch it, since it is
    approved, or has aired before somebody edited it.
    """

    id: UUID
    slug: str
    title: str
    synopsis: str
    profile: str
    state: str
    licence_line: str
    pacing_reason: str
    is_airable: bool
    is_published: bool
    episodes: tuple[EpisodeView, ...]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class CueView:
    """A moment of an episode. `at_ms` counts from its first frame."""

    id: UUID
    episode_id: UUID
    kind: str
    at_ms: int
    duration_ms: int
    payload: dict[str, Any]
    product_id: UUID | None


@dataclass(frozen=True)
class CaptionView:
    """Subtitles in one language (BCP 47); `sha256` names the text, which never changes under it."""

    id: UUID
    episode_id: UUID
    language: str
    label: str
    sha256: str


@dataclass(frozen=True)
class SealView:
    """A season's approval. `is_standing`: `digest` is what is sealed now; else who asked for one, if anybody."""

    is_standing: bool
    digest: str
    approved_by: str
    approved_at: datetime | None
    submitted_by: str
    submitted_at: datetime | None

    @property
    def approved_text(self) -> str:
        return date_format(localtime(self.approved_at), "SHORT_DATETIME_FORMAT") if self.approved_at else ""


@dataclass(frozen=True)
class TaggedCue:
    """A cue with its tags; `at_ms` and `kind` tell people which one it is."""

    id: UUID
    kind: str
    at_ms: int
    product_id: UUID | None
    tags: tuple[str, ...]


@dataclass(frozen=True)
class TaggedEpisode:
    """An episode with its own tags (`season_tags` are its season's) and its cues, in order of time."""

    id: UUID
    season_id: UUID
    number: int
    title: str
    season_tags: tuple[str, ...]
    tags: tuple[str, ...]
    cues: tuple[TaggedCue, ...]


def get_season(key: UUID | str) -> SeasonView:
    """A season by its id or its slug. Two queries. Raises: SeasonNotFound."""
    season = _seasons().filter(**_key(key)).first()
    if season is None:
        raise SeasonNotFound
    return _season_view(season)


def list_seasons(*, only_airable: bool = False, only_published: bool = False) -> list[SeasonView]:
    """All seasons, the newest first. Two queries."""
    found = _seasons()
    if only_airable:
        found = found.exclude(state=Season.State.DRAFT)
    if only_published:
        found = found.exclude(state=Season.State.DRAFT, first_aired_at=None)
    return [_season_view(season) for season in found]


def get_seal(season_id: UUID) -> SealView:
    """Raises: SeasonNotFound."""
    season = Season.objects.filter(pk=season_id).first()
    if season is None:
        raise SeasonNotFound
    seal = Approval.objects.filter(season_id=season_id, withdrawn_at=None).first()
    return SealView(
        is_standing=seal is not None,
        digest=seal.digest if seal else "",
        approved_by=seal.approved_by if seal else "",
        approved_at=seal.approved_at if seal else None,
        submitted_by=season.submitted_by,
        submitted_at=season.submitted_at,
    )


def list_submitted() -> list[SeasonView]:
    """Seasons that wait for somebody's approval, the oldest request first."""
    return [_season_view(season) for season in _seasons().filter(state=Season.State.DRAFT).exclude(submitted_at=None).order_by("submitted_at")]


def get_episode(episode_id: UUID | str) -> EpisodeView:
    """Raises: EpisodeNotFound."""
    try:
        return _episode_view(Episode.objects.get(pk=episode_id))
    except (Episode.DoesNotExist, ValidationError):  # ValidationError: not a UUID
        raise EpisodeNotFound from None


def list_episode_places(episode_ids: Iterable[UUID]) -> dict[UUID, EpisodePlace]:
    """Those of the episodes that exist. One query."""
    rows = Episode.objects.filter(pk__in=list(episode_ids)).values_list("pk", "season_id", "number")
    return {episode_id: EpisodePlace(season_id, number) for episode_id, season_id, number in rows}


def list_cues(episode_id: UUID) -> list[CueView]:
    """The cues of one episode, in order of time."""
    return [_cue_view(cue) for cue in Cue.objects.filter(episode_id=episode_id).order_by("at_ms", "id")]


def get_cue(cue_id: UUID) -> CueView:
    """Raises: CueNotFound."""
    cue = Cue.objects.filter(pk=cue_id).first()
    if cue is None:
        raise CueNotFound
    return _cue_view(cue)


def list_cues_of(episode_ids: Iterable[UUID]) -> dict[UUID, list[CueView]]:
    """The cues of several episodes with one query."""
    found: dict[UUID, list[CueView]] = {episode_id: [] for episode_id in episode_ids}
    for cue in Cue.objects.filter(episode_id__in=found).order_by("at_ms", "id"):
        found[cue.episode_id].append(_cue_view(cue))
    return found


def list_tagged_episodes(season_id: UUID | None = None) -> list[TaggedEpisode]:
    """Episodes of one season or of all, in order, tagged or not. Two queries."""
    found = Episode.objects.select_related("season").prefetch_related("cues").order_by("season_id", "number")
    if season_id is not None:
        found = found.filter(season_id=season_id)
    return [
        TaggedEpisode(
            id=episode.pk,
            season_id=episode.season_id,
            number=episode.number,
            title=episode.title,
            season_tags=tuple(episode.season.tags),
            tags=tuple(episode.tags),
            cues=tuple(TaggedCue(cue.pk, cue.kind, cue.at_ms, cue.product_id, tuple(cue.tags)) for cue in episode.cues.all()),
        )
        for episode in found
    ]


def list_captions(episode_id: UUID) -> list[CaptionView]:
    return [
        CaptionView(id=track.pk, episode_id=track.episode_id, language=track.language, label=track.label, sha256=track.sha256)
        for track in CaptionTrack.objects.filter(episode_id=episode_id).defer("text")
    ]


def get_caption_text(episode_id: UUID, language: str) -> str:
    """The WebVTT text. Raises: EpisodeNotFound when there is no such track."""
    track = CaptionTrack.objects.filter(episode_id=episode_id, language=language).first()
    if track is None:
        raise EpisodeNotFound
    return track.text


def is_airable(season_id: UUID) -> bool:
    """Whether the season, as it stands, is approved. An edit of anything that airs makes it false in the same transaction."""
    return Season.objects.filter(pk=season_id).exclude(state=Season.State.DRAFT).exists()


def _seasons() -> Any:
    return Season.objects.prefetch_related("episodes")


def _key(key: UUID | str) -> dict[str, UUID | str]:
    if isinstance(key, UUID):
        return {"pk": key}
    try:
        return {"pk": UUID(key)}
    except ValueError:
        return {"slug": key}


def _season_view(season: Season) -> SeasonView:
    episodes = sorted(season.episodes.all(), key=lambda episode: episode.number)
    return SeasonView(
        id=season.pk,
        slug=season.slug,
        title=season.title,
        synopsis=season.synopsis,
        profile=season.profile,
        state=season.state,
        licence_line=season.licence_line,
        pacing_reason=season.pacing_reason,
        is_airable=season.is_approved,
        is_published=season.is_published,
        episodes=tuple(_episode_view(episode) for episode in episodes),
        tags=tuple(season.tags),
    )


def _episode_view(episode: Episode) -> EpisodeView:
    return EpisodeView(
        id=episode.pk,
        season_id=episode.season_id,
        number=episode.number,
        title=episode.title,
        synopsis=episode.synopsis,
        access=episode.access,
        variant_id=episode.unlock_variant_id,
        grants=episode.grants,
        duration_ms=episode.duration_ms,
        state=episode.state,
        step=episode.step,
        progress_permille=episode.progress_permille,
        failure_code=episode.failure_code,
        failure_params=episode.failure_params,
        is_playable=episode.is_playable,
        is_encrypted=episode.is_encrypted,
        media_version=episode.media_version,
        media_folder=episode.media_folder,
        width=episode.width,
        height=episode.height,
        frame_rate=episode.frame_rate,
        poster_url=media_url(episode.media_folder, episode.poster) if episode.poster else "",
    )


def media_url(folder: str, name: str) -> str:
    """Address of a file of this shop's media, wherever it is stored."""
    return default_storage.url(f"{folder}/{name}")


def _cue_view(cue: Cue) -> CueView:
    return CueView(
        id=cue.pk,
        episode_id=cue.episode_id,
        kind=cue.kind,
        at_ms=cue.at_ms,
        duration_ms=cue.duration_ms,
        payload=cue.payload,
        product_id=cue.product_id,
    )
