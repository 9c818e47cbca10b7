"""Seasons for tests, built through the same stories as the office. Everything here needs the shop's schema."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from commerce.catalog.actions import VariantDraft, create_product
from commerce.catalog.models import Product
from commerce.catalog.queries import ProductCard
from dramas.seasons.actions import CueDraft, add_cue, add_episode, approve_season, create_season, edit_episode, record_transcode
from dramas.seasons.digest import digest_of
from dramas.seasons.media import PublishedMedia
from dramas.seasons.models import Season
from dramas.seasons.queries import SeasonView, get_season
from dramas.transcode.actions import import_source_file, reseal_episode, run_job
from dramas.transcode.models import Edition, TranscodeJob
from merchants.foundation import clock
from merchants.foundation.ids import new_id
from tests.dramas.keeping import kept

ACTOR = "editor@shop.test"
MEDIA_MS = 30_000


def make_media(
    episode_id: UUID, *, source: str = "a", duration_ms: int = MEDIA_MS, is_encrypted: bool = False, is_complete: bool = True
) -> PublishedMedia:
    """What a transcode would report, without files."""
    version = f"f{source}{'k' if is_encrypted else 'c'}"
    return PublishedMedia(
        version=version,
        folder=f"episodes/{episode_id}/{version}",
        source_sha256=source * 64,
        duration_ms=duration_ms,
        width=360,
        height=640,
        frame_rate="30",
        renditions=("360p",),
        is_complete=is_complete,
        is_encrypted=is_encrypted,
        poster="poster.jpg",
    )


def report_ready(episode_id: UUID, **media: Any) -> None:
    with transaction.atomic():
        record_transcode(episode_id=episode_id, state="ready", progress_permille=1000, media=make_media(episode_id, **media))


def make_product(title: str = "Brass lantern", *, grants: str = "", price_minor: int = 3600) -> ProductCard:
    draft = VariantDraft(sku=f"SKU-{str(new_id())[-10:]}", price_minor=price_minor, grants=grants, is_limited=not grants)
    return create_product(title=title, variants=[draft], actor=ACTOR)


def make_season(*, episodes: int = 6, title: str = "Low Tide", profile: str = "demo", is_ready: bool = True, has_cues: bool = True) -> SeasonView:
    """A demo season that keeps every rule: free episodes of 30 s, each ready and with one card."""
    asked: dict[str, Any] = {"episodes": episodes, "title": title, "profile": profile, "is_ready": is_ready, "has_cues": has_cues}
    if Season.objects.exists() or Product.objects.exists():
        return get_season(_build_season(**asked))
    return get_season(kept(tuple(asked.values()), lambda: _build_season(**asked)))


def _build_season(*, episodes: int, title: str, profile: str, is_ready: bool, has_cues: bool) -> UUID:
    season_id = create_season(actor=ACTOR, title=title, profile=profile, licence_line="Licence 1")
    product = make_product() if has_cues else None
    for number in range(1, episodes + 1):
        episode_id = add_episode(actor=ACTOR, season_id=season_id, title=f"Part {number}")
        if is_ready:
            report_ready(episode_id)
        if product is not None:
            add_cue(actor=ACTOR, episode_id=episode_id, draft=CueDraft(at_ms=5_000, duration_ms=10_000, product_id=product.id))
    return season_id


def lock_episode(episode_id: UUID, *, price_minor: int = 99) -> ProductCard:
    """Make an episode paid, with an unlock for sale; its media is reported as encrypted."""
    product = make_product("Unlock", grants=f"episode:{episode_id}", price_minor=price_minor)
    edit_episode(actor=ACTOR, episode_id=episode_id, changes={"access": "paid", "unlock_variant_id": product.variants[0].id})
    report_ready(episode_id, is_encrypted=True)
    return product


def count_queries(story: Callable[[], Any]) -> int:
    """Queries of a story; entering the shop's schema is not one."""
    with CaptureQueriesContext(connection) as context:
        story()
    return sum(not query["sql"].startswith("SET search_path") for query in context.captured_queries)


def approve(season_id: UUID, approver: Any) -> None:
    approve_season(approver=approver, season_id=season_id, digest=digest_of(season_id))


@dataclass(frozen=True)
class _Transcoded:
    """A film's finished, readable edition, kept aside."""

    folder: Path
    manifest: dict[str, Any]
    source_sha256: str


_transcoded: dict[Path, _Transcoded] = {}


def transcode(episode_id: UUID, film: Path) -> None:
    """Take a film and work on it to its end, as the worker would; the episode is published afterwards.

    A film that another test has had transcoded is published again from the same files, in a fraction of the time.
    """
    if film in _transcoded:
        _publish_again(episode_id, _transcoded[film])
        return
    import_source_file(episode_id=episode_id, path=film, actor=ACTOR)
    job = TranscodeJob.objects.filter(episode_id=episode_id).latest("created_at")
    run_job(job_id=job.pk)  # nothing, where the test commits: then the task has run already
    job.refresh_from_db()
    assert job.state == TranscodeJob.State.DONE, (job.error_code, job.detail)
    edition = Edition.objects.get(episode_id=episode_id, retired_at=None)
    if not edition.manifest["is_encrypted"]:
        kept = film.with_suffix(".edition")
        shutil.copytree(default_storage.path(edition.folder), kept)
        _transcoded[film] = _Transcoded(kept, edition.manifest, job.source.sha256)


def _publish_again(episode_id: UUID, kept: _Transcoded) -> None:
    version = f"f{kept.source_sha256[:15]}"
    folder = f"episodes/{episode_id}/{version}"
    shutil.copytree(kept.folder, default_storage.path(folder))
    Edition.objects.filter(episode_id=episode_id, retired_at=None).update(retired_at=clock.now())
    Edition.objects.create(episode_id=episode_id, version=version, folder=folder, manifest=kept.manifest, published_at=clock.now())
    with transaction.atomic():
        media = PublishedMedia(
            version=version,
            folder=folder,
            source_sha256=kept.source_sha256,
            duration_ms=kept.manifest["duration_ms"],
            width=kept.manifest["width"],
            height=kept.manifest["height"],
            frame_rate=kept.manifest["frame_rate"],
            renditions=tuple(entry["name"] for entry in kept.manifest["renditions"]),
            is_complete=True,
            is_encrypted=False,
            poster=kept.manifest["poster"],
            storyboard=kept.manifest["storyboard"]["vtt"],
        )
        record_transcode(episode_id=episode_id, state="ready", progress_permille=1000, media=media)
    reseal_episode(episode_id=episode_id)


def make_short_season(films: Sequence[Path], *, paid: Sequence[int] = (), cues: Mapping[int, Sequence[int]] | None = None) -> SeasonView:
    """A short trial of really transcoded episodes.

    Args:
        paid: numbers of the episodes that need an unlock (for sale at 0.99).
        cues: number → times in ms of cards of two seconds.
    """
    season_id = create_season(actor=ACTOR, title="Stamped", profile="short", licence_line="Made for this test")
    product = make_product() if cues else None
    for number, film in enumerate(films, start=1):
        episode_id = add_episode(actor=ACTOR, season_id=season_id, title=f"Part {number}")
        if number in paid:
            unlock = make_product("Unlock", grants=f"episode:{episode_id}", price_minor=99)
            edit_episode(actor=ACTOR, episode_id=episode_id, changes={"access": "paid", "unlock_variant_id": unlock.variants[0].id})
        transcode(episode_id, film)
        for at_ms in (cues or {}).get(number, ()):
            assert product is not None
            add_cue(actor=ACTOR, episode_id=episode_id, draft=CueDraft(at_ms=at_ms, duration_ms=2_000, product_id=product.id))
    return get_season(season_id)
