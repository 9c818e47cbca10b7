"""Noting what a season costs."""

from uuid import UUID

from django.db import transaction

from dramas.seasons.queries import get_season
from merchants.foundation import clock
from merchants.foundation.audit import record_action
from merchants.foundation.errors import InvalidInput
from rooms.insights.contribution.models import SeasonCost

MOST_MINOR = 10**12


def note_cost(*, season_id: UUID, kind: str, amount_minor: int, note: str = "", actor: str) -> None:
    """Add a cost, or with a negative amount take back what was noted wrongly. Raises: SeasonNotFound, InvalidInput."""
    if kind not in SeasonCost.Kind.values:
        raise InvalidInput(field="kind", reason=", ".join(SeasonCost.Kind.values))
    if not 0 < abs(amount_minor) <= MOST_MINOR:
        raise InvalidInput(field="amount_minor", reason=f"−{MOST_MINOR} … {MOST_MINOR}, ≠ 0")
    with transaction.atomic(durable=True):
        season = get_season(season_id)
        SeasonCost.objects.create(season_id=season.id, kind=kind, amount_minor=amount_minor, note=note[:200], noted_by=actor, noted_at=clock.now())
        record_action(actor=actor, action="season.cost", subject=f"season:{season.id}", kind=kind, amount_minor=amount_minor)
