"""Forms of the stage in the console's REST."""

from typing import Any

from rest_framework import serializers


class StageGuestOut(serializers.Serializer[Any]):
    """A request (`place` null) or a guest. `is_gone`: nothing arrives from them; they are removed after half a minute of it."""

    id = serializers.UUIDField()
    viewer_id = serializers.CharField()
    nickname = serializers.CharField()
    standing = serializers.CharField()
    place = serializers.IntegerField(allow_null=True)
    has_picture = serializers.BooleanField()
    is_muted = serializers.BooleanField()
    is_gone = serializers.BooleanField()
    asked_at = serializers.DateTimeField()


class StageOut(serializers.Serializer[Any]):
    """The queue and the guests. `most` guests at a time, backstage and on stage together."""

    is_open = serializers.BooleanField()
    most = serializers.IntegerField()
    requests = StageGuestOut(many=True)
    guests = StageGuestOut(many=True)
