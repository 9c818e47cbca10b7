"""Pages of the payments: back from a bank's page, and the owner's refund."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from commerce.orders.errors import OrderNotFound
from commerce.orders.queries import get_order, get_order_of_viewer
from commerce.payments.actions import refund_order, settle_order
from commerce.payments.errors import PaymentsBroken, PaymentsRefused, PaymentsUnreachable
from merchants.accounts.guests import viewer_of
from merchants.accounts.permissions import can, require
from merchants.dashboard.site import office
from merchants.foundation.errors import DomainError, Forbidden, Unauthenticated
from merchants.foundation.money import format_money


@require_safe
def come_back(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Where a bank's own page sends the buyer: look at the payment, then show the order."""
    try:
        order = get_order_of_viewer(order_id, viewer_of(request).id)
        order = settle_order(order_id=order.id)
    except OrderNotFound:
        return redirect("/")
    except (PaymentsUnreachable, PaymentsBroken, PaymentsRefused):
        pass  # the order's page asks again by itself
    return redirect(order.receipt_path)


@require_http_methods(["GET", "POST"])
def refund(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """GET asks once more, POST pays the whole order back."""
    try:
        require(request.user, "orders.refund")
        order = get_order(order_id)
    except (Unauthenticated, Forbidden) as refusal:
        return redirect(f"/accounts/login/?next={request.path}") if not can(request.user, "office.open") else _refused(request, refusal)
    except OrderNotFound as refusal:
        return _refused(request, refusal)
    if request.method == "GET":
        return render(
            request, "commerce/refund.html", office.each_context(request) | {"order": order, "total": format_money(order.total), "title": _("Refund")}
        )
    try:
        refund_order(order_id=order_id, actor=request.user.email)  # type: ignore[union-attr]  # signed in, see require
        messages.success(request, _("%(number)s is paid back in full.") % {"number": order.number})
    except (PaymentsUnreachable, PaymentsBroken):
        messages.warning(request, _("The payment service does not answer right now. The refund goes on by itself."))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect(f"/admin/commerce/order/{order_id}/change/")


def _refused(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    return render(request, "commerce/order_refused.html", {"refusal": refusal}, status=refusal.http_status)
