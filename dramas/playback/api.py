"""REST door of the slice: an episode for a player, its key, its captions, and where a viewer left."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from dramas.playback.actions import save_position
from dramas.playback.errors import MediaNotFound
from dramas.playback.gates import require_open
from dramas.playback.queries import get_playback
from dramas.playback.serializers import PlaybackSerializer
from dramas.playback.views import watcher_of
from dramas.seasons.queries import get_caption_text, get_episode, get_season
from dramas.transcode.queries import get_episode_key, has_version
from merchants.foundation.http import ApiView
from merchants.foundation.tenancy import current_schema

NO_STORE = {"Cache-Control": "no-store"}


class _ViewerThrottle(SimpleRateThrottle):
    """So many a minute for one viewer of one shop."""

    def get_cache_key(self, request: Request, view: object) -> str:
        return f"throttle:{self.scope}:{current_schema()}:{watcher_of(request._request).viewer_id}:{self.get_ident(request)}"


class KeyThrottle(_ViewerThrottle):
    """A season has ten episodes; a player asks once an episode and again after an error."""

    scope, rate = "playback-key", "60/min"


class PlaybackThrottle(_ViewerThrottle):
    scope, rate = "playback", "240/min"


class EpisodePlaybackView(ApiView):
    throttle_classes = [PlaybackThrottle]

    @extend_schema(tags=["playback"], responses=PlaybackSerializer)
    def get(self, request: Request, episode_id: UUID) -> Response:
        """An episode for this viewer: playable, or locked with its teaser and price."""
        watcher = watcher_of(request._request)
        playback = get_playback(episode_id, watcher.viewer_id, sees_drafts=watcher.sees_drafts)
        return Response(PlaybackSerializer(playback).data, headers=NO_STORE)


class KeyView(ApiView):
    throttle_classes = [KeyThrottle]

    @extend_schema(
        tags=["playback"],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 403: OpenApiResponse(description="episode_locked")},
    )
    def get(self, request: Request, episode_id: UUID, version: str) -> HttpResponse:
        """The 16 bytes that open an episode's encrypted segments, for those who may watch it."""
        episode = get_episode(episode_id)
        require_open(episode, watcher_of(request._request))
        if not has_version(episode_id, version):
            raise MediaNotFound
        return HttpResponse(get_episode_key(episode_id), content_type="application/octet-stream", headers=NO_STORE)


class CaptionsView(ApiView):
    throttle_classes = [PlaybackThrottle]

    @extend_schema(tags=["playback"], responses={(200, "text/vtt"): OpenApiTypes.STR})
    def get(self, request: Request, episode_id: UUID, language: str) -> HttpResponse:
        """Subtitles as WebVTT, for those who may watch the episode."""
        episode = get_episode(episode_id)
        require_open(episode, watcher_of(request._request))
        headers = {"Cache-Control": "private, max-age=3600" if "v" in request.query_params else "no-store"}
        return HttpResponse(get_caption_text(episode_id, language), content_type="text/vtt; charset=utf-8", headers=headers)


class PositionSerializer(serializers.Serializer):
    episode_id = serializers.UUIDField()
    position_ms = serializers.IntegerField(min_value=0, max_value=86_400_000)


class PositionView(ApiView):
    throttle_classes = [PlaybackThrottle]

    @extend_schema(tags=["playback"], request=PositionSerializer, responses={204: None})
    def put(self, request: Request, season_id: UUID) -> Response:
        """Remember where this viewer is, for the next visit on any device."""
        given = PositionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        watcher = watcher_of(request._request)
        require_open(get_episode(given.validated_data["episode_id"]), watcher)
        save_position(viewer_id=watcher.viewer_id, season_id=get_season(season_id).id, **given.validated_data)
        return Response(status=204)
