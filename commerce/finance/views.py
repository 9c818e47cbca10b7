"""The office's finance page and its export."""

from collections.abc import AsyncIterator, Callable, Generator
from functools import wraps

from asgiref.sync import sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commerce.finance.exports import stream_orders_csv
from commerce.finance.periods import PeriodInvalid, check_period, first_day
from commerce.finance.queries import get_month
from commerce.finance.reconcile import reconcile
from commerce.ledger.actions import period_of
from commerce.payments.errors import PaymentsBroken, PaymentsRefused, PaymentsUnreachable
from merchants.accounts.permissions import can, require
from merchants.dashboard.site import office
from merchants.foundation import clock
from merchants.foundation.audit import record_action
from merchants.foundation.errors import Forbidden, Unauthenticated
from merchants.foundation.tenancy import current_schema
from merchants.tenants.queries import MerchantView, get_current_merchant

View = Callable[[HttpRequest], HttpResponseBase]
MOST_PAGES = 100_000


def _for(permission: str) -> Callable[[View], View]:
    """Only for people who hold `permission`: a stranger signs in, a colleague reads why not."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponseBase:
            try:
                require(request.user, permission)
            except Unauthenticated:
                return redirect_to_login(request.get_full_path())
            except Forbidden as refusal:
                return render(request, "commerce/finance_refused.html", _frame(request) | {"refusal": refusal, "title": _("Finance")}, status=403)
            return view(request)

        return guarded

    return decorate


@require_safe
@_for("finance.view")
def month(request: HttpRequest) -> HttpResponse:
    """A month: totals, days, movements; the comparison with Stripe comes afterwards by itself."""
    shop = get_current_merchant()
    try:
        period = _period(request, shop)
    except PeriodInvalid as refusal:
        return render(request, "commerce/finance_refused.html", _frame(request) | {"refusal": refusal, "title": _("Finance")}, status=422)
    currency = request.GET.get("currency", "")[:3].upper() or shop.currency
    shown = get_month(period=period, currency=currency, page=_page(request), time_zone=shop.time_zone, now_period=_now_period(shop))
    context = {
        "month": shown,
        "day": first_day(period),
        "title": _("Finance"),
        "shop": shop,
        "may_export": can(request.user, "finance.export"),
        "state": {"reconciliation_url": f"/finance/reconciliation/?period={period}&currency={currency}"},
    }
    with timezone.override(shop.time_zone):
        return render(request, "commerce/finance.html", _frame(request) | context)


@require_safe
@_for("finance.view")
def reconciliation(request: HttpRequest) -> HttpResponse:
    """The part of the page that asks Stripe; 503 with a sentence when Stripe does not answer."""
    shop = get_current_merchant()
    currency = request.GET.get("currency", "")[:3].upper() or shop.currency
    try:
        found = reconcile(period=_period(request, shop), currency=currency)
    except PeriodInvalid as refusal:
        return render(request, "commerce/_reconciliation.html", {"refusal": refusal}, status=422)
    except (PaymentsUnreachable, PaymentsBroken, PaymentsRefused) as refusal:
        return render(request, "commerce/_reconciliation.html", {"refusal": refusal}, status=503)
    with timezone.override(shop.time_zone):
        return render(request, "commerce/_reconciliation.html", {"found": found})


@require_safe
@_for("finance.export")
def orders_csv(request: HttpRequest) -> HttpResponseBase:
    """The ledger of a month (or of all time without `period`) as CSV, streamed."""
    shop = get_current_merchant()
    try:
        period = check_period(request.GET["period"]) if request.GET.get("period") else None
    except PeriodInvalid as refusal:
        return render(request, "commerce/finance_refused.html", _frame(request) | {"refusal": refusal, "title": _("Finance")}, status=422)
    record_action(actor=request.user.email, action="finance.export", subject=f"period:{period or 'all'}")  # type: ignore[union-attr]  # signed in
    rows = stream_orders_csv(schema=current_schema(), period=period, time_zone=shop.time_zone)
    response = StreamingHttpResponse(_in_thread(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{shop.schema}-orders-{period or "all"}.csv"'
    response["Cache-Control"] = "private, no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _in_thread(rows: Generator[bytes, None, None]) -> AsyncIterator[bytes]:
    """One block at a time from the request's own thread; Django would read a plain iterator to its end before it sends a byte."""
    following = sync_to_async(lambda: next(rows, None), thread_sensitive=True)
    try:
        while (block := await following()) is not None:
            yield block
    finally:
        await sync_to_async(rows.close, thread_sensitive=True)()


def _frame(request: HttpRequest) -> dict[str, object]:
    """What the office's own frame (navigation, header) asks of every page."""
    return office.each_context(request)


def _period(request: HttpRequest, shop: MerchantView) -> str:
    return check_period(request.GET.get("period") or _now_period(shop))


def _now_period(shop: MerchantView) -> str:
    return period_of(clock.now(), shop.time_zone)


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return min(max(int(text), 1), MOST_PAGES) if text.isdecimal() and len(text) < 7 else 1
