"""The figures that the page and the letters say: one function, so that they cannot differ.

Viewers come from the rollups, money from the ledger alone, for the same days (the shop's, both included).
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from merchants.foundation.money import Money
from merchants.tenants.queries import get_current_merchant
from rooms.insights.attribution.queries import AttributionQuestion, TotalsRow, get_totals
from rooms.insights.audience.queries import AudienceRow, list_audience
from rooms.insights.queries.shapes import Question, Slice

NOBODY = AudienceRow("", 0, 0, 0, 0.0, 0.0, 1.0, 0, 0.0, 0.0, 1.0, 0, 0.0, 0.0, 1.0, 0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Figures:
    """Of one room, or of all. `money` is what the ledger booked on orders placed in the room, or anywhere in the shop."""

    since: date | None
    until: date | None
    currency: str
    audience: AudienceRow
    money: TotalsRow

    @property
    def is_empty(self) -> bool:
        return not (self.audience.viewers or self.money.gross_minor or self.money.returned_minor)

    @property
    def gross(self) -> Money:
        return Money(self.money.gross_minor, self.currency)

    @property
    def returned(self) -> Money:
        return Money(self.money.returned_minor, self.currency)

    @property
    def net(self) -> Money:
        return Money(self.money.net_minor, self.currency)

    @property
    def net_per_viewer(self) -> Money:
        """Rounded to the minor unit; nothing where nobody came."""
        return Money(round(self.money.net_minor / self.audience.viewers) if self.audience.viewers else 0, self.currency)


def get_figures(*, room_id: UUID | None = None, since: date | None = None, until: date | None = None) -> Figures:
    """Four queries."""
    currency = get_current_merchant().currency
    audience = list_audience(Question(Slice(room_id=room_id, since=since, until=until)))
    money = get_totals(AttributionQuestion(since=since, until=until, room_id=room_id), currency=currency)
    return Figures(since=since, until=until, currency=currency, audience=audience[0] if audience else NOBODY, money=money)
