"""Shapes of the slice's JSON."""

from rest_framework import serializers


class OpenUploadSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    filename = serializers.CharField()
    fingerprint = serializers.CharField()
    size_bytes = serializers.IntegerField()
    offset_bytes = serializers.IntegerField()


class EpisodeWorkSerializer(serializers.Serializer):
    """Where the work on an episode's video stands; `error` is a sentence for people, empty without an error."""

    episode_id = serializers.UUIDField()
    state = serializers.CharField()
    step = serializers.CharField()
    percent = serializers.IntegerField()
    duration_ms = serializers.IntegerField()
    poster_url = serializers.CharField()
    error_code = serializers.CharField()
    error = serializers.CharField()
    can_retry = serializers.BooleanField()
    can_cancel = serializers.BooleanField()
    warnings = serializers.ListField(child=serializers.CharField())
    upload = OpenUploadSerializer(allow_null=True)
