"""The rooms app's tables: re-exports only."""

from rooms.cards.models import Bag, BagItem, LoweredCue, RaisedCard
from rooms.director.models import CueFiring
from rooms.engagement.models import Comment, Danmaku, HiddenDanmaku, PinnedComment
from rooms.insights.contribution.models import SeasonCost
from rooms.insights.experiments.models import ComparedRoom, Experiment, ExperimentGoal, ExperimentVariant, Exposure, Judgement
from rooms.insights.letters.models import InsightLetter, LetterRefusal
from rooms.insights.reports.models import ReportRun
from rooms.live.models import Drill, WatchSample
from rooms.live.stage.models import StageGuest
from rooms.moderation.models import RefusedWord, Restriction
from rooms.preparation.models import CardPreparation, ShowForecast
from rooms.program.models import Airing, ProgramEntry, Room
from rooms.recordings.models import Recording
from rooms.rehearsal.models import GhostRun

__all__ = [
    "Airing",
    "Bag",
    "BagItem",
    "CardPreparation",
    "Comment",
    "ComparedRoom",
    "CueFiring",
    "Danmaku",
    "Drill",
    "Experiment",
    "ExperimentGoal",
    "ExperimentVariant",
    "Exposure",
    "GhostRun",
    "HiddenDanmaku",
    "InsightLetter",
    "Judgement",
    "LetterRefusal",
    "LoweredCue",
    "PinnedComment",
    "ProgramEntry",
    "RaisedCard",
    "Recording",
    "RefusedWord",
    "ReportRun",
    "Restriction",
    "Room",
    "WatchSample",
    "SeasonCost",
    "ShowForecast",
    "StageGuest",
]
