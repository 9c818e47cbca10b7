"""`make run SEASON=folder`: a season from real files, in natural order, with an optional `season.yaml` beside them.

title: Low Tide
profile: classic            # classic, micro, short
licence: "2026-0001"        # the rights holder or the licence's number
episodes:
  - file: 01.mp4            # titles and cues by file name
    title: The Empty Berth
    access: free
    cues: [{at: "00:12.500", product: silk-scarf, seconds: 10}]
products:
  - {slug: silk-scarf, title: Silk scarf, price: 89.00, stock: 40}
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from commerce.catalog import actions as catalog
from commerce.catalog.queries import ProductCard
from commerce.stock import actions as stock
from config.demo.shops import find_card
from dramas.seasons import actions as seasons
from dramas.seasons.actions.cues import CueDraft
from dramas.seasons.queries import get_season
from dramas.seasons.timecode import parse_timecode
from dramas.transcode.actions.uploads import import_source_file
from dramas.transcode.errors import failure_text
from merchants.foundation.errors import DomainError
from merchants.foundation.money import exponent_of
from merchants.tenants.queries import get_current_merchant

KINDS = frozenset({".mp4", ".mov", ".mkv", ".webm", ".m4v"})
NEEDED_FOR_A_SEASON = 6
MOST_FILES = 10
MOST_PLAN_BYTES = 256 * 1024


class FolderRefused(Exception):
    """The folder or its season.yaml cannot be used; the text says why in one sentence."""


@dataclass
class Report:
    """What came of the folder: the season, the file of each episode, and the others with their reasons."""

    season_id: UUID
    slug: str
    profile: str
    taken: dict[UUID, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def is_draft_for_good(self) -> bool:
        return self.profile != "short" and len(self.taken) < NEEDED_FOR_A_SEASON


def natural_key(path: Path) -> list[int | str]:
    """`2.mp4` before `10.mp4`."""
    return [int(part) if part.isdigit() else part.lower() for part in re.split(r"(\d+)", path.name)]


def list_videos(folder: Path) -> list[Path]:
    """Raises: FolderRefused."""
    if not folder.is_dir():
        raise FolderRefused(f"SEASON: {folder} is not a folder.")
    found = sorted((path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in KINDS), key=natural_key)
    if not found:
        raise FolderRefused(f"SEASON: {folder} holds no MP4, MOV, MKV or WebM file.")
    return found[:MOST_FILES]


def read_plan(folder: Path) -> dict[str, Any]:
    """The season.yaml, or nothing. Raises: FolderRefused."""
    path = folder / "season.yaml"
    if not path.exists():
        return {}
    if path.stat().st_size > MOST_PLAN_BYTES:
        raise FolderRefused("SEASON: season.yaml is larger than 256 KB.")
    try:
        plan = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FolderRefused(f"SEASON: season.yaml cannot be read: {' '.join(str(error).split())}.") from error
    if not isinstance(plan, dict):
        raise FolderRefused("SEASON: season.yaml must hold a title, episodes and products.")
    return plan


def import_folder(*, folder: Path, actor: str, profile: str = "", tell: Callable[[str], None]) -> Report:
    """Make a draft of the folder's videos; what is no video is named with its reason, the others go on.

    Needs: the shop's schema. Raises: FolderRefused.
    """
    videos, plan = list_videos(folder), read_plan(folder)
    wanted = profile or str(plan.get("profile", "classic"))
    products = _sell(plan.get("products") or [], actor)
    try:
        season_id = seasons.create_season(
            actor=actor,
            title=str(plan.get("title") or folder.name),
            profile=wanted,
            synopsis=str(plan.get("synopsis", "")),
            licence_line=str(plan.get("licence", "")),
        )
    except DomainError as refusal:
        raise FolderRefused(f"SEASON: {refusal.message}") from refusal
    report = Report(season_id=season_id, slug=get_season(season_id).slug, profile=wanted)
    by_file = {str(entry.get("file")): entry for entry in plan.get("episodes") or [] if isinstance(entry, dict)}
    for path in videos:
        _take(report, path, by_file.get(path.name, {}), products, actor, tell)
    return report


def _take(report: Report, path: Path, entry: Mapping[str, Any], products: Mapping[str, ProductCard], actor: str, tell: Callable[[str], None]) -> None:
    episode_id = seasons.add_episode(actor=actor, season_id=report.season_id, title=str(entry.get("title") or _title_of(path)))
    try:
        import_source_file(episode_id=episode_id, path=path, actor=actor)
        seasons.replace_cues(actor=actor, episode_id=episode_id, drafts=[_cue(cue, products) for cue in entry.get("cues") or []])
    except (DomainError, FolderRefused) as refusal:
        reason = refusal.message if isinstance(refusal, DomainError) else str(refusal)
        _leave_out(report, episode_id, path.name, reason, actor, tell)
        return
    report.taken[episode_id] = path.name
    tell(f"{path.name}: taken")


def drop_failed(report: Report, *, actor: str, tell: Callable[[str], None]) -> None:
    """Leave out what broke off while it was converted, naming its reason. Needs: nothing is at work on the season."""
    for episode in get_season(report.season_id).episodes:
        if episode.state == "failed":
            name = report.taken.pop(episode.id, episode.title)
            _leave_out(report, episode.id, name, failure_text(episode.failure_code, episode.failure_params), actor, tell)


def _leave_out(report: Report, episode_id: UUID, name: str, reason: str, actor: str, tell: Callable[[str], None]) -> None:
    report.refused[name] = reason
    seasons.remove_episode(actor=actor, episode_id=episode_id)
    tell(f"{name}: refused. {reason}")


def _title_of(path: Path) -> str:
    return re.sub(r"^\d+[\s._-]*", "", path.stem).replace("_", " ").strip() or path.stem


def _cue(cue: Mapping[str, Any], products: Mapping[str, ProductCard]) -> CueDraft:
    card = products.get(str(cue.get("product"))) or find_card(str(cue.get("product")))
    if card is None:
        raise FolderRefused(f"season.yaml: the cue at {cue.get('at')} names the unknown product {cue.get('product')!r}.")
    return CueDraft(at_ms=parse_timecode(str(cue.get("at"))), duration_ms=int(float(cue.get("seconds", 10)) * 1000), product_id=card.id)


def _sell(entries: list[Any], actor: str) -> dict[str, ProductCard]:
    """Raises: FolderRefused."""
    sold: dict[str, ProductCard] = {}
    for entry in entries:
        try:
            slug, title = str(entry["slug"]), str(entry["title"])
            price = int((Decimal(str(entry["price"])) * 10 ** exponent_of(get_current_merchant().currency)).to_integral_exact())
            stocked = int(entry.get("stock", 20))
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            raise FolderRefused(f"season.yaml: a product needs slug, title and price; got {entry!r}.") from error
        card = find_card(slug)
        if card is None:
            card = catalog.create_product(
                title=title, slug=slug, actor=actor, variants=[catalog.VariantDraft(sku=slug.upper()[:40], price_minor=price)]
            )
            stock.set_stock(variant_id=card.variants[0].id, available=stocked, reason="season.yaml", actor=actor)
        sold[slug] = card
    return sold
