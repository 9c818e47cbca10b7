"""Forms of live's REST."""

from typing import Any

from rest_framework import serializers

LINES = ["primary", "backup", "viewer"]


class MediaOut(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["video", "audio"])
    codec = serializers.CharField()
    bitrate_kbps = serializers.IntegerField()
    frames_per_s = serializers.FloatField()
    lost_permille = serializers.IntegerField()
    jitter_ms = serializers.FloatField()


class LineOut(serializers.Serializer[Any]):
    """Who sends. `heard_ms`: since the last packet; `steady_ms`: heard without a pause for so long."""

    line = serializers.CharField()
    role = serializers.CharField()
    name = serializers.CharField()
    is_on_air = serializers.BooleanField()
    is_connected = serializers.BooleanField()
    heard_ms = serializers.IntegerField(allow_null=True)
    steady_ms = serializers.IntegerField()
    round_trip_ms = serializers.FloatField(allow_null=True)
    media = MediaOut(many=True)
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    troubles = serializers.DictField(child=serializers.IntegerField())
    is_muted = serializers.BooleanField()


class AlarmOut(serializers.Serializer[Any]):
    """`role`: the line it is about, empty for the room."""

    kind = serializers.CharField()
    role = serializers.CharField()
    for_ms = serializers.IntegerField()


class LiveOut(serializers.Serializer[Any]):
    """The host's lines, no older than two seconds. Consoles hear the same each second over their socket (`desk`)."""

    is_heard = serializers.BooleanField()
    is_offered = serializers.BooleanField()
    announced_at_ms = serializers.IntegerField(allow_null=True)
    node = serializers.CharField()
    lines = LineOut(many=True)
    viewers = serializers.DictField(child=serializers.IntegerField())
    viewers_worst_loss_permille = serializers.IntegerField()
    viewers_round_trip_ms = serializers.FloatField(allow_null=True)
    alarms = AlarmOut(many=True)
    recording = serializers.CharField(help_text="Empty while nothing is recorded, `on`, or the code of what went wrong.")


class DrillStepOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    at_ms = serializers.IntegerField()


class DrillOut(serializers.Serializer[Any]):
    """A failure that was rehearsed: see `rooms.live.models.Drill`."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.CharField()
    verdict = serializers.CharField()
    steps = DrillStepOut(many=True)
    gap_ms = serializers.IntegerField(allow_null=True)
    fault_ms = serializers.IntegerField(allow_null=True)
    back_ms = serializers.IntegerField(allow_null=True)
    viewers = serializers.IntegerField()
    viewers_frozen_ms = serializers.IntegerField(allow_null=True)


class GrantOut(serializers.Serializer[Any]):
    """For OBS or FFmpeg: the address, and the bearer token ("stream key"). A session must begin before `begins_until_ms`."""

    line = serializers.ChoiceField(choices=[*LINES, "guest"])
    url = serializers.CharField()
    token = serializers.CharField()
    begins_until_ms = serializers.IntegerField()


class IceServerOut(serializers.Serializer[Any]):
    """As `RTCPeerConnection` takes it."""

    urls = serializers.CharField()
    username = serializers.CharField(required=False)
    credential = serializers.CharField(required=False)


class FilmOut(serializers.Serializer[Any]):
    """The playlist's address for this viewer, good until `expires_at_ms`; another word may stand in its place at any time."""

    url = serializers.CharField()
    expires_at_ms = serializers.IntegerField()


class IceOut(serializers.Serializer[Any]):
    ice_servers = IceServerOut(many=True)
    expires_at_ms = serializers.IntegerField()
