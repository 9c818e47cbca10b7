"""Forms of the ghosts' REST."""

from typing import Any

from rest_framework import serializers

from rooms.rehearsal.models import MOST_GHOSTS, SPEEDS


class PastShowOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    started_at = serializers.DateTimeField()
    length_ms = serializers.IntegerField()
    lines = serializers.IntegerField()


class RunOut(serializers.Serializer[Any]):
    """A run under way; it ends by itself at `stops_at`."""

    id = serializers.UUIDField()
    past_id = serializers.UUIDField()
    title = serializers.CharField()
    speed = serializers.IntegerField()
    ghosts = serializers.IntegerField()
    length_ms = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    stops_at = serializers.DateTimeField()
    by = serializers.CharField()


class RehearsalOut(serializers.Serializer[Any]):
    """What a rehearsal room offers: past shows, the newest first, and what plays now."""

    shows = PastShowOut(many=True)
    run = RunOut(allow_null=True)
    speeds = serializers.SerializerMethodField()
    most_ghosts = serializers.SerializerMethodField()

    def get_speeds(self, _view: Any) -> list[int]:
        return list(SPEEDS)

    def get_most_ghosts(self, _view: Any) -> int:
        return MOST_GHOSTS
