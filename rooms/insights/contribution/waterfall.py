"""From sales to contribution, step by step: what the chart draws, the table says and the CSV holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commerce.ledger.models import AccountCode
from merchants.foundation.money import Money, to_decimal
from rooms.insights.contribution.models import SeasonCost
from rooms.insights.contribution.queries import ContributionView


@dataclass(frozen=True)
class Step:
    """`amount` is added to what stood before it, or, of a total, is what stands now: `total`."""

    name: str
    label: str
    amount: Money
    total: Money
    is_total: bool


@dataclass(frozen=True)
class StepRow:
    """A step as the CSV has it; `amount` in whole units of the currency."""

    step: str
    label: str
    amount: Decimal
    total: Decimal
    currency: str


_FLOWS: Mapping[str, Promise] = {
    AccountCode.SALES: _("Sales"),
    AccountCode.REFUNDS: _("Refunds"),
    AccountCode.DISPUTES: _("Disputes"),
    AccountCode.STRIPE_FEES: _("Stripe fees"),
    AccountCode.PLATFORM_FEES: _("Platform fees"),
    AccountCode.FX_CONVERSION: _("Currency conversion"),
}


def list_steps(found: ContributionView) -> list[Step]:
    """Sales, takings, margin and contribution always, and what of the rest is not zero."""
    steps, stands = [], 0
    for name, label, amount in _amounts(found):
        if amount is None:
            steps.append(Step(name, label, Money(stands, found.currency), Money(stands, found.currency), is_total=True))
        elif amount or name == AccountCode.SALES:
            stands += amount
            steps.append(Step(name, label, Money(amount, found.currency), Money(stands, found.currency), is_total=False))
    return steps


def list_step_rows(found: ContributionView) -> list[StepRow]:
    return [StepRow(step.name, step.label, to_decimal(step.amount), to_decimal(step.total), found.currency) for step in list_steps(found)]


def _amounts(found: ContributionView) -> Iterator[tuple[str, str, int | None]]:
    """None for a total."""
    for account, label in _FLOWS.items():
        yield account, str(label), found.flows.get(account, 0)
    yield "takings", str(_("Takings")), None
    yield "goods", str(_("Goods")), -found.goods
    yield "margin", str(_("Margin")), None
    for kind in SeasonCost.Kind:
        yield kind.value, str(kind.label), -found.costs.get(kind.value, 0)
    yield "contribution", str(_("Contribution")), None
