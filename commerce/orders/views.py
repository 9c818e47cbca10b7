"""The buyer's page of an order: whoever has the link sees it, no sign-in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commerce.orders.errors import OrderNotFound
from commerce.orders.queries import OrderView, get_order_by_receipt
from commerce.orders.states import OrderState
from merchants.foundation.money import format_money
from merchants.foundation.signing import TokenExpired, TokenInvalid
from merchants.tenants.queries import get_current_merchant


@require_safe
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """What was bought, how it stands, where the money is."""
    try:
        order = get_order_by_receipt(token)
    except (TokenInvalid, TokenExpired, OrderNotFound) as refusal:
        return _private(render(request, "commerce/order_refused.html", {"refusal": refusal}, status=404))
    context = {
        "order": order,
        "headline": _headline(order),
        "lines": [(line, format_money(line.unit_price), format_money(line.total)) for line in order.lines],
        "total": format_money(order.total),
        "refunded": format_money(order.refunded),
        "state": {"status_url": f"/api/v1/checkout/{order.id}/settle/", "is_open": order.state == OrderState.PAYING},
    }
    with timezone.override(get_current_merchant().time_zone):
        return _private(render(request, "commerce/order.html", context))


def _headline(order: OrderView) -> tuple[str, str, str]:
    """Icon, title and what happens next."""
    match order.state:
        case OrderState.PAID:
            return "check", _("Thank you, it is paid"), _("We sent this receipt to %(email)s.") % {"email": order.email}
        case OrderState.REFUNDED:
            return "refresh", _("Refunded in full"), _("Your bank shows the money within a few days.")
        case OrderState.PENDING | OrderState.PAYING:
            return "clock", _("Waiting for your payment"), _("This page changes by itself once the payment arrives.")
        case OrderState.EXPIRED:
            return (
                "clock",
                _("The time to pay is over"),
                _("The goods went back on the shelf. If you paid at the last moment, the money comes back to you."),
            )
    return "close", _("Cancelled"), _("Nothing was charged.")


def _private(response: HttpResponse) -> HttpResponse:
    """The address is the key: keep it out of caches, search engines and other sites' logs."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
