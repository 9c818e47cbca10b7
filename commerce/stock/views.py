"""The office's page that adjusts one variant's stock, with a reason."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from commerce.catalog.models import Variant
from commerce.stock.actions import adjust_stock
from commerce.stock.models import Adjustment
from commerce.stock.queries import get_level
from merchants.accounts.permissions import can
from merchants.dashboard.site import office
from merchants.foundation.errors import DomainError

MOST_UNITS = 1_000_000


class AdjustForm(forms.Form):
    """`delta` units in (or out, when negative), and why."""

    REASONS: ClassVar[list[tuple[str, Any]]] = [
        ("delivery", _("Delivery")),
        ("count", _("Stock count")),
        ("damage", _("Damaged or lost")),
        ("return", _("Returned by a buyer")),
        ("other", _("Other")),
    ]

    delta = forms.IntegerField(
        label=_("Units to add; negative takes away"), min_value=-MOST_UNITS, max_value=MOST_UNITS, widget=UnfoldAdminIntegerFieldWidget()
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=REASONS, widget=UnfoldAdminSelectWidget())
    note = forms.CharField(label=_("Note"), max_length=100, required=False, widget=UnfoldAdminTextInputWidget())

    def clean_delta(self) -> int:
        delta: int = self.cleaned_data["delta"]
        if not delta:
            raise forms.ValidationError(_("Zero changes nothing."))
        return delta


@require_http_methods(["GET", "POST"])
def adjust(request: HttpRequest, variant_id: UUID) -> HttpResponse:
    """Add or take away units of a variant."""
    if not can(request.user, "office.open"):
        return redirect_to_login(request.get_full_path())
    variant = Variant.objects.select_related("product").filter(pk=variant_id, is_limited=True).first()
    if variant is None or not can(request.user, "stock.edit"):
        raise Http404
    form = AdjustForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _adjusted(request, variant, form):
        return redirect(f"/admin/commerce/product/{variant.product_id}/change/")
    context = {
        "variant": variant,
        "form": form,
        "level": get_level(variant_id),
        "history": Adjustment.objects.filter(level_id=variant_id).order_by("-at")[:20],
        "title": _("Stock"),
    }
    return render(request, "commerce/stock.html", office.each_context(request) | context)


def _adjusted(request: HttpRequest, variant: Variant, form: AdjustForm) -> bool:
    fields = form.cleaned_data
    reason = f"{fields['reason']}: {fields['note']}" if fields["note"] else fields["reason"]
    try:
        level = adjust_stock(variant_id=variant.pk, delta=fields["delta"], reason=reason, actor=request.user.email)  # type: ignore[union-attr]  # signed in
    except DomainError as refusal:
        form.add_error("delta", refusal.message)
        return False
    messages.success(request, _("%(variant)s: %(available)s can be bought now.") % {"variant": str(variant), "available": level.available})
    return True
