"""Who may watch an episode: free, paid, unlocked by a product. Asked by every door; the pages only show what this decides."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from commerce.catalog.queries import SellableVariant, list_sellable
from commerce.wallet.queries import list_entitlements
from dramas.playback.errors import EpisodeLocked
from dramas.seasons.errors import EpisodeNotFound, SeasonNotFound
from dramas.seasons.queries import EpisodeView, SeasonView, get_season
from merchants.foundation.money import format_money


@dataclass(frozen=True)
class Watcher:
    """Somebody who wants to watch. `sees_drafts`: staff who may look at seasons also see what is not approved, and need no unlock."""

    viewer_id: str
    sees_drafts: bool = False


@dataclass(frozen=True)
class Unlock:
    """What opens an episode, as the player shows it before anything is bought."""

    product_id: UUID
    variant_id: UUID
    title: str
    price: dict[str, Any]


@dataclass(frozen=True)
class Gate:
    """One episode for one watcher. `unlock` is None when it is open, or when nothing that opens it is for sale."""

    episode: EpisodeView
    is_locked: bool
    unlock: Unlock | None


def list_gates(season: SeasonView, watcher: Watcher) -> list[Gate]:
    """The gates of a season's episodes, in order. Two queries when there is a locked one, else none or one.

    Raises: SeasonNotFound (not published, for a shopper).
    """
    require_published(season, watcher)
    closed = [episode for episode in season.episodes if not episode.is_free]
    if not closed or watcher.sees_drafts:
        return [Gate(episode, is_locked=False, unlock=None) for episode in season.episodes]
    owned = list_entitlements(watcher.viewer_id)
    variants = list_sellable([episode.variant_id for episode in closed if episode.variant_id])
    return [_gate(episode, season, owned, variants) for episode in season.episodes]


def get_gate(episode: EpisodeView, watcher: Watcher) -> Gate:
    """Raises: EpisodeNotFound (its season is not published, for a shopper)."""
    for gate in list_gates(get_season(episode.season_id), watcher):
        if gate.episode.id == episode.id:
            return gate
    raise EpisodeNotFound


def require_open(episode: EpisodeView, watcher: Watcher) -> None:
    """Raises: SeasonNotFound, EpisodeNotFound; EpisodeLocked, with what would unlock it."""
    gate = get_gate(episode, watcher)
    if gate.is_locked:
        unlock = gate.unlock
        raise EpisodeLocked(number=episode.number, variant_id=str(unlock.variant_id) if unlock else "", price=unlock.price["text"] if unlock else "")


def require_published(season: SeasonView, watcher: Watcher) -> None:
    """A draft that never aired is for staff only. What has aired stays watchable while an edit waits for its approval.

    Raises: SeasonNotFound, as if it did not exist.
    """
    if not season.is_published and not watcher.sees_drafts:
        raise SeasonNotFound


def _gate(episode: EpisodeView, season: SeasonView, owned: set[str], variants: dict[UUID, SellableVariant]) -> Gate:
    if episode.is_free or episode.grants in owned or f"season:{season.id}" in owned:
        return Gate(episode, is_locked=False, unlock=None)
    variant = variants.get(episode.variant_id) if episode.variant_id else None
    return Gate(episode, is_locked=True, unlock=_unlock(variant) if variant else None)


def _unlock(variant: SellableVariant) -> Unlock:
    price = {"amount_minor": variant.price.amount_minor, "currency": variant.price.currency, "text": format_money(variant.price)}
    return Unlock(product_id=variant.product_id, variant_id=variant.id, title=variant.product_title, price=price)
