"""The shape of a playback as JSON, the same in the API and in a page's state."""

from typing import Any

from rest_framework import serializers

from dramas.playback.queries import Playback


class PriceSerializer(serializers.Serializer):
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    text = serializers.CharField()


class UnlockSerializer(serializers.Serializer):
    product_id = serializers.UUIDField()
    variant_id = serializers.UUIDField()
    title = serializers.CharField()
    price = PriceSerializer()


class CaptionSerializer(serializers.Serializer):
    lang = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name, not the serializer's own label
    url = serializers.CharField()


class CueSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    at_ms = serializers.IntegerField()
    duration_ms = serializers.IntegerField()
    payload = serializers.JSONField()
    product_id = serializers.UUIDField(allow_null=True)


class StoryboardSerializer(serializers.Serializer):
    image_url = serializers.CharField()
    tile_width = serializers.IntegerField()
    tile_height = serializers.IntegerField()
    tile_ms = serializers.IntegerField()
    tiles = serializers.IntegerField()
    columns = serializers.IntegerField()


class PlaybackSerializer(serializers.Serializer):
    episode_id = serializers.UUIDField()
    season_id = serializers.UUIDField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    duration_ms = serializers.IntegerField()
    is_locked = serializers.BooleanField()
    grants = serializers.CharField()
    unlock = UnlockSerializer(allow_null=True)
    unlock_variant_id = serializers.UUIDField(allow_null=True)
    poster_url = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    master_url = serializers.CharField()
    playlists = serializers.DictField(child=serializers.CharField())
    start_rendition = serializers.CharField()
    init_url = serializers.CharField()
    first_segment_url = serializers.CharField()
    storyboard = StoryboardSerializer(allow_null=True)
    captions = CaptionSerializer(many=True)
    cues = CueSerializer(many=True)


def as_json(playback: Playback) -> dict[str, Any]:
    """For `json_script`: the same as the API gives."""
    data: dict[str, Any] = PlaybackSerializer(playback).data
    return data
