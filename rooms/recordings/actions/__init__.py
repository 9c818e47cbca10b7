"""Writes of recordings."""

from rooms.recordings.actions.jobs import remove_recording, retry_recording
from rooms.recordings.actions.sweep import sweep_files, sweep_recordings
from rooms.recordings.actions.work import take_in

__all__ = ["remove_recording", "retry_recording", "sweep_files", "sweep_recordings", "take_in"]
