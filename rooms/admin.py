"""The rooms app's office pages: re-exports only."""

from rooms.director.admin import RefusedWordAdmin, RestrictionAdmin, RoomAdmin
from rooms.insights.experiments.admin import ExperimentAdmin
from rooms.recordings.admin import RecordingAdmin

__all__ = ["ExperimentAdmin", "RecordingAdmin", "RefusedWordAdmin", "RestrictionAdmin", "RoomAdmin"]
