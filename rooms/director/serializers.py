"""Forms of the console's REST."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from rooms.cards.actions import DEFAULT_TTL_S, TTL_S
from rooms.live.serializers import LINES, DrillOut, LiveOut
from rooms.live.stage.serializers import StageOut
from rooms.moderation.actions import MUTE_S, SLOW_MODE_S
from rooms.rehearsal.models import MOST_GHOSTS, SPEEDS
from rooms.rehearsal.serializers import RehearsalOut


class Strict(serializers.Serializer[Any]):
    """Refuses members it does not know: a misspelt one must not pass for an absent one."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            raise serializers.ValidationError({sorted(unknown)[0]: [_("This is not a member that can be given here.")]})
        return super().to_internal_value(data)


class NothingIn(Strict):
    pass


class EpisodeIn(Strict):
    episode_id = serializers.UUIDField()


class GoLiveIn(Strict):
    at_episode_end = serializers.BooleanField(default=False)


class LiveTokenIn(Strict):
    line = serializers.ChoiceField(choices=LINES)


class FilterIn(Strict):
    is_on = serializers.BooleanField()


class GuestIn(Strict):
    """A request or a guest of the stage, by its id."""

    guest_id = serializers.UUIDField()


class GhostsIn(Strict):
    """The past show, how many of its viewers play, and how much faster than they did."""

    past_id = serializers.UUIDField()
    speed = serializers.ChoiceField(choices=SPEEDS, default=1)
    ghosts = serializers.IntegerField(min_value=1, max_value=MOST_GHOSTS, default=MOST_GHOSTS)


class CueIn(Strict):
    cue_id = serializers.UUIDField()


class RaiseIn(Strict):
    product_id = serializers.UUIDField()
    ttl_s = serializers.IntegerField(min_value=TTL_S.start, max_value=TTL_S.stop - 1, default=DEFAULT_TTL_S)


class LowerIn(Strict):
    """Either a raised card or a cue of the episode on air."""

    card_id = serializers.UUIDField(required=False)
    cue_id = serializers.UUIDField(required=False)

    def validate(self, attrs: Any) -> Any:
        if len(attrs) != 1:
            raise serializers.ValidationError({"card_id": [_("Name either a card or a cue.")]})
        return attrs


class ProductPinIn(Strict):
    product_id = serializers.UUIDField(allow_null=True)


class PinIn(Strict):
    """A comment, a danmaku, or null for neither."""

    comment_id = serializers.UUIDField(required=False, allow_null=True)
    danmaku_id = serializers.UUIDField(required=False)

    def validate(self, attrs: Any) -> Any:
        if len(attrs) != 1:
            raise serializers.ValidationError({"comment_id": [_("Name either a comment or a danmaku.")]})
        return attrs


class ViewerIn(Strict):
    viewer_id = serializers.RegexField(r"^[A-Za-z0-9-]{1,40}$")
    nickname = serializers.CharField(max_length=24, allow_blank=True, default="")


class MuteIn(ViewerIn):
    for_s = serializers.IntegerField(min_value=MUTE_S.start, max_value=MUTE_S.stop - 1)


class DeleteIn(Strict):
    of = serializers.ChoiceField(choices=["comment", "danmaku"])
    id = serializers.UUIDField()


class SlowModeIn(Strict):
    seconds = serializers.IntegerField(min_value=SLOW_MODE_S.start, max_value=SLOW_MODE_S.stop - 1)


class UndoOut(serializers.Serializer[Any]):
    move = serializers.CharField()
    until = serializers.DateTimeField()


class OnAirOut(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    kind = serializers.CharField()
    episode_id = serializers.UUIDField(allow_null=True)
    position_ms = serializers.IntegerField()
    remaining_ms = serializers.IntegerField(allow_null=True)


class SlotOut(serializers.Serializer[Any]):
    episode_id = serializers.UUIDField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    duration_ms = serializers.IntegerField()
    is_ready = serializers.BooleanField()


class MuteOut(serializers.Serializer[Any]):
    viewer_id = serializers.CharField()
    nickname = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)
    by = serializers.CharField()


class ConsoleOut(serializers.Serializer[Any]):
    """The console's state; `moves` says which buttons would work now, `problem` what keeps a start from working."""

    slug = serializers.CharField(source="room.slug")
    title = serializers.CharField(source="room.title")
    state = serializers.CharField(source="room.state")
    airing_id = serializers.UUIDField(source="room.airing_id", allow_null=True)
    revision = serializers.IntegerField(source="room.revision")
    slow_mode_s = serializers.IntegerField(source="room.slow_mode_s")
    undo = UndoOut(source="room.undo", allow_null=True)
    server_ms = serializers.IntegerField()
    aired_since = serializers.DateTimeField(allow_null=True)
    on_air = OnAirOut(allow_null=True)
    episodes = SlotOut(many=True)
    moves = serializers.DictField(child=serializers.BooleanField())
    problem = serializers.CharField()
    viewers = serializers.IntegerField()
    likes_total = serializers.IntegerField()
    mutes = MuteOut(many=True)
    live = LiveOut()
    allows_filters = serializers.BooleanField(source="room.allows_filters")
    drill = DrillOut(allow_null=True)
    stage = StageOut()
    rehearsal = RehearsalOut(allow_null=True)
