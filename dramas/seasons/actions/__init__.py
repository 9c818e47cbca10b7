"""Writes of the seasons slice, one story a function."""

from dramas.seasons.actions.approval import approve_season, mark_aired, submit_season, withdraw_approval
from dramas.seasons.actions.captions import put_captions, remove_captions
from dramas.seasons.actions.cues import CueDraft, add_cue, edit_cue, remove_cue, replace_cues
from dramas.seasons.actions.episodes import add_episode, edit_episode, remove_episode, reorder_episodes
from dramas.seasons.actions.seasons import create_season, edit_season, remove_season
from dramas.seasons.actions.tags import tag_season
from dramas.seasons.actions.transcode import record_transcode

__all__ = [
    "CueDraft",
    "add_cue",
    "add_episode",
    "approve_season",
    "create_season",
    "edit_cue",
    "edit_episode",
    "edit_season",
    "mark_aired",
    "put_captions",
    "record_transcode",
    "remove_captions",
    "remove_cue",
    "remove_episode",
    "remove_season",
    "reorder_episodes",
    "replace_cues",
    "submit_season",
    "tag_season",
    "withdraw_approval",
]
