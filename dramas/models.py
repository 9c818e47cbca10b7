"""The dramas app's tables: re-exports only."""

from dramas.playback.models import WatchPosition
from dramas.seasons.models import Approval, CaptionTrack, Cue, Episode, Season
from dramas.transcode.models import Edition, EpisodeKey, Source, TranscodeJob, TranscodeUnit, Upload

__all__ = [
    "Approval",
    "CaptionTrack",
    "Cue",
    "Edition",
    "Episode",
    "EpisodeKey",
    "Season",
    "Source",
    "TranscodeJob",
    "TranscodeUnit",
    "Upload",
    "WatchPosition",
]
