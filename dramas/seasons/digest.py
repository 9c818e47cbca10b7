"""The content digest: SHA-256 over everything of a season that airs, in one canonical text."""

import hashlib
import json
from typing import Any
from uuid import UUID

from dramas.seasons.models import CaptionTrack, Cue, Episode, Season

FORMAT = 1  # raise it when the text below changes: old seals then name a format that nobody can reproduce


def digest_of(season_id: UUID) -> str:
    """64 hexadecimal digits. The same content gives the same digest on every machine. Four queries."""
    text = json.dumps(_content(season_id), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _content(season_id: UUID) -> dict[str, Any]:
    season = Season.objects.get(pk=season_id)
    episodes = list(Episode.objects.filter(season_id=season_id).order_by("number"))
    cues: dict[UUID, list[dict[str, Any]]] = {episode.pk: [] for episode in episodes}
    for cue in Cue.objects.filter(episode__season_id=season_id).order_by("at_ms", "kind", "id"):
        cues[cue.episode_id].append(_cue(cue))
    captions: dict[UUID, dict[str, str]] = {episode.pk: {} for episode in episodes}
    for track in CaptionTrack.objects.filter(episode__season_id=season_id).defer("text"):
        captions[track.episode_id][track.language] = track.sha256
    return {
        "format": FORMAT,
        "title": season.title,
        "synopsis": season.synopsis,
        "licence_line": season.licence_line,
        "profile": season.profile,
        "episodes": [_episode(episode) | {"cues": cues[episode.pk], "captions": captions[episode.pk]} for episode in episodes],
    }


def _episode(episode: Episode) -> dict[str, Any]:
    """The source's hash stands for the picture: publishing the same file again, encrypted or not, airs the same content."""
    return {
        "id": str(episode.pk),
        "title": episode.title,
        "synopsis": episode.synopsis,
        "access": episode.access,
        "unlocked_by": str(episode.unlock_variant_id or ""),
        "source_sha256": episode.source_sha256,
    }


def _cue(cue: Cue) -> dict[str, Any]:
    return {
        "kind": cue.kind,
        "at_ms": cue.at_ms,
        "duration_ms": cue.duration_ms,
        "product": str(cue.product_id or ""),
        "payload": cue.payload,
    }
