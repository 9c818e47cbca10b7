"""The office's page of contribution: from a season's sales to what it leaves, and whether drama pays against a live pitch."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from dramas.seasons.errors import SeasonNotFound
from dramas.seasons.queries import list_seasons
from merchants.accounts.permissions import can, require
from merchants.dashboard.site import office
from merchants.foundation.errors import DomainError, Forbidden
from merchants.foundation.money import Money, exponent_of, format_money
from merchants.tenants.queries import get_current_merchant
from rooms.insights.contribution.actions import note_cost
from rooms.insights.contribution.arms import list_arms, list_comparisons
from rooms.insights.contribution.models import SeasonCost
from rooms.insights.contribution.queries import ContributionView, get_season_contribution
from rooms.insights.contribution.waterfall import Step, list_steps


class PlanForm(forms.Form):
    """Over how many shows the cost may be earned, and what stays of the takings once the goods are paid."""

    planned_shows = forms.IntegerField(label=gettext_lazy("Planned shows"), min_value=1, max_value=10_000)
    margin_percent = forms.DecimalField(label=gettext_lazy("Margin in %"), min_value=Decimal("0.1"), max_value=100, decimal_places=1)


class CostForm(forms.Form):
    """In whole units of the shop's currency, with its decimals; below 0 to take back."""

    season = forms.UUIDField()
    kind = forms.ChoiceField(label=gettext_lazy("Cost"), choices=SeasonCost.Kind.choices)
    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=14)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def minor(self, currency: str) -> int | None:
        """None for more decimals than the currency has."""
        amount = self.cleaned_data["amount"].scaleb(exponent_of(currency))
        return int(amount) if amount == amount.to_integral_value() else None


DEFAULT_PLAN: dict[str, Any] = {"planned_shows": 30, "margin_percent": 100}


@require_safe
def contribution(request: HttpRequest) -> HttpResponse:
    """The season that `?season=` names, else the newest. A plan that is none is said, and the usual one taken."""
    _require(request, "insights.view")
    seasons = list_seasons()
    season = next((one for one in seasons if str(one.id) == request.GET.get("season")), seasons[0] if seasons else None)
    plan = PlanForm(DEFAULT_PLAN | {name: request.GET[name] for name in DEFAULT_PLAN if name in request.GET})
    given = plan.cleaned_data if plan.is_valid() else DEFAULT_PLAN
    wanted = {"planned_shows": given["planned_shows"], "margin_permille": int(given["margin_percent"] * 10)}
    frame: dict[str, Any] = {
        **office.each_context(request),
        "title": _("Contribution"),
        "seasons": seasons,
        "season": season,
        "plan": plan,
        "margin_permille": wanted["margin_permille"],
        "may_edit": can(request.user, "insights.edit"),
        "kinds": SeasonCost.Kind.choices,
        "currency": get_current_merchant().currency,
        "comparisons": [{"experiment": one, "arms": list_arms(one, **wanted)} for one in list_comparisons()],
    }
    return render(request, "rooms/contribution.html", frame | (_of_season(season.id, wanted) if season else {}))


@require_POST
def add_cost(request: HttpRequest) -> HttpResponse:
    """Note a cost and go back to the season's page, which says what became of it."""
    _require(request, "insights.edit")
    form = CostForm(request.POST)
    currency = get_current_merchant().currency
    if not form.is_valid():
        messages.error(request, _("Not noted: choose a kind of cost and give an amount, such as 1200.50."))
        return redirect("insights-contribution")
    back = f"{reverse('insights-contribution')}?season={form.cleaned_data['season']}"
    amount_minor = form.minor(currency)
    if amount_minor is None:
        messages.error(request, _("Not noted: %(currency)s has %(digits)s decimals.") % {"currency": currency, "digits": exponent_of(currency)})
        return redirect(back)
    try:
        note_cost(
            season_id=form.cleaned_data["season"],
            kind=form.cleaned_data["kind"],
            amount_minor=amount_minor,
            note=form.cleaned_data["note"],
            actor=str(getattr(request.user, "email", "")),
        )
    except SeasonNotFound as refusal:
        messages.error(request, refusal.message)
        return redirect("insights-contribution")
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Noted: %(amount)s.") % {"amount": format_money(Money(amount_minor, currency))})
    return redirect(back)


def _of_season(season_id: UUID, wanted: dict[str, int]) -> dict[str, Any]:
    found = get_season_contribution(season_id, **wanted)
    steps = list_steps(found)
    return {"found": found, "steps": steps, "is_empty": not (found.shows or found.cost), "state": _state(found, steps)}


def _state(found: ContributionView, steps: list[Step]) -> dict[str, Any]:
    """What the chart draws. Shape: `ContributionPage` in rooms/frontend/contribution/waterfall.ts."""
    return {
        "steps": [
            {
                "label": step.label,
                "amount_minor": step.amount.amount_minor,
                "total_minor": step.total.amount_minor,
                "is_total": step.is_total,
                "text": format_money(step.amount),
            }
            for step in steps
        ],
        "currency": found.currency,
    }


def _require(request: HttpRequest, permission: str) -> None:
    """Raises: PermissionDenied."""
    try:
        require(request.user, permission)
    except Forbidden as refusal:
        raise PermissionDenied(refusal.message) from refusal
