"""Reports that ask for something else than a slice of visits: money by touch, tags, seconds of an episode."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from merchants.foundation.errors import InvalidInput
from rooms.insights.attribution.queries import (
    DEFAULT_WINDOW_DAYS,
    AttributedOrderRow,
    AttributionQuestion,
    AttributionRow,
    list_attributed_orders,
    list_attribution,
)
from rooms.insights.moments.density import HeatRow
from rooms.insights.moments.queries import MomentRow, list_heat, list_moments
from rooms.insights.queries.shapes import Slice
from rooms.insights.tags.queries import TagRow, list_tags

LONGEST_WINDOW_DAYS = 90


class _Form(serializers.Serializer[Any]):
    def to_internal_value(self, data: Any) -> Any:
        """Raises: InvalidInput for a word that this report does not know, rather than leaving it unheard."""
        for name in data:
            if name not in self.fields:
                raise InvalidInput(field=name[:40], reason=_("This report cannot be narrowed by it."))
        return super().to_internal_value(data)


class AttributionForm(_Form):
    """Days (the shop's, both included) on which the ledger booked. `window_days` before an order count as touches."""

    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)
    room_id = serializers.UUIDField(required=False)
    touch = serializers.ChoiceField(["source", "room", "cue"], required=False)
    window_days = serializers.IntegerField(required=False, min_value=1, max_value=LONGEST_WINDOW_DAYS, help_text=f"{DEFAULT_WINDOW_DAYS}")


class SliceForm(_Form):
    """Visits that began on these days (the shop's, both included)."""

    room_id = serializers.UUIDField(required=False)
    season_id = serializers.UUIDField(required=False)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)


class EpisodeForm(_Form):
    """An episode, in one room or in all."""

    episode_id = serializers.UUIDField()
    room_id = serializers.UUIDField(required=False)


@dataclass(frozen=True)
class Story:
    """`read` takes what the form has understood."""

    row: type
    form: type[_Form]
    read: Callable[[dict[str, Any]], Sequence[Any]]

    def answer(self, request: Request) -> Sequence[Any]:
        """Raises: InvalidInput, ValidationError, NotFound."""
        form = self.form(data=request.query_params.dict())
        form.is_valid(raise_exception=True)
        return self.read(form.validated_data)


STORIES: Mapping[str, Story] = {
    "attribution": Story(AttributionRow, AttributionForm, lambda given: list_attribution(AttributionQuestion(**given))),
    "attributed-orders": Story(AttributedOrderRow, AttributionForm, lambda given: list_attributed_orders(AttributionQuestion(**given))),
    "tags": Story(TagRow, SliceForm, lambda given: list_tags(Slice(**given))),
    "heat": Story(HeatRow, EpisodeForm, lambda given: list_heat(**given)),
    "moments": Story(MomentRow, EpisodeForm, lambda given: list_moments(**given)),
}
