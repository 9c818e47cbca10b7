"""What changed on this slice."""

from dataclasses import dataclass
from uuid import UUID

from merchants.foundation.facts import Fact


@dataclass(frozen=True)
class EpisodeReady(Fact):
    """The whole ladder of an episode is published under `media_version`."""

    episode_id: UUID
    season_id: UUID
    media_version: str


@dataclass(frozen=True)
class EpisodeFailed(Fact):
    """The upload was refused or its transcode gave up; `code` is the refusal's."""

    episode_id: UUID
    season_id: UUID
    code: str


@dataclass(frozen=True)
class EpisodeAccessChanged(Fact):
    """An episode became free or paid: its published segments are to be encrypted (`is_protected`) or readable again."""

    episode_id: UUID
    season_id: UUID
    is_protected: bool


@dataclass(frozen=True)
class EpisodeRemoved(Fact):
    """An episode is gone; `media_folder` (may be empty) is no longer played by anybody."""

    episode_id: UUID
    season_id: UUID
    media_folder: str


@dataclass(frozen=True)
class SeasonApproved(Fact):
    """`digest` of the season was sealed; it may air."""

    season_id: UUID
    digest: str


@dataclass(frozen=True)
class SeasonChanged(Fact):
    """Something that airs was edited. `is_airable` says whether a seal still stands."""

    season_id: UUID
    is_airable: bool
