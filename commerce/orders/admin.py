"""The office's orders: read only; the refund is a page of its own."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from commerce.orders.models import Order, OrderLine
from commerce.orders.queries import view_of
from commerce.orders.states import OrderState
from merchants.accounts.permissions import can
from merchants.dashboard.site import OfficeAdmin, office
from merchants.foundation.money import Money, format_money


class OrderLineInline(TabularInline):
    model = OrderLine
    fields = ["product_title", "variant_title", "sku", "quantity", "show_price", "show_total"]
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "orders.view")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("price"))
    def show_price(self, line: OrderLine) -> str:
        return format_money(Money(line.unit_price_minor, line.order.currency))

    @admin.display(description=_("total"))
    def show_total(self, line: OrderLine) -> str:
        return format_money(Money(line.unit_price_minor, line.order.currency) * line.quantity)


@admin.register(Order, site=office)
class OrderAdmin(OfficeAdmin):
    """Orders are made by buyers and moved by payments; people look, and the owner refunds."""

    area = "orders"
    list_display = ["number", "show_state", "email", "show_total", "placed_at", "paid_at"]
    list_filter = ["state", "placed_at"]
    search_fields = ["number", "email"]
    ordering = ["-placed_at"]
    list_per_page = 50
    inlines = [OrderLineInline]
    readonly_fields = ["show_state", "show_total", "show_refunded", "show_receipt", "show_moment", "show_refund"]
    fieldsets: ClassVar[list[tuple[Any, dict[str, Any]]]] = [
        (None, {"fields": [("number", "show_state"), ("show_total", "show_refunded"), ("show_receipt", "show_refund")]}),
        (_("Buyer"), {"fields": [("email", "ship_name"), "ship_address"]}),
        (_("Course"), {"fields": [("placed_at", "paid_at", "refunded_at"), "show_moment"]}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The way to the refund is shown to those who may take it."""
        if can(request.user, "orders.refund"):
            return self.fieldsets
        first, *rest = self.fieldsets
        return [(first[0], {"fields": [*first[1]["fields"][:-1], "show_receipt"]}), *rest]

    @display(
        description=_("state"),
        ordering="state",
        label={"paid": "success", "refunded": "info", "expired": "warning", "cancelled": "warning", "paying": "primary", "pending": "primary"},
    )
    def show_state(self, order: Order) -> tuple[str, str]:
        return order.state, order.get_state_display()

    @display(description=_("total"), ordering="total_minor")
    def show_total(self, order: Order) -> str:
        return format_money(Money(order.total_minor, order.currency))

    @display(description=_("paid back"))
    def show_refunded(self, order: Order) -> str:
        return format_money(Money(order.refunded_minor, order.currency)) if order.refunded_minor else "—"

    @display(description=_("buyer's page"))
    def show_receipt(self, order: Order) -> Any:
        return format_html('<a class="underline" href="{}">{}</a>', view_of(order).receipt_path, _("Open"))

    @display(description=_("came from"))
    def show_moment(self, order: Order) -> str:
        """The second of the program that sold."""
        if order.room_id is None:
            return "—"
        minutes, rest_ms = divmod(order.position_ms or 0, 60_000)
        return f"{order.room_id} · #{order.program_seq or 0} · {minutes:02d}:{rest_ms // 1000:02d}.{rest_ms % 1000:03d}"

    @display(description=_("refund"))
    def show_refund(self, order: Order) -> Any:
        if order.state != OrderState.PAID:
            return "—"
        return format_html('<a class="underline" href="/office/orders/{}/refund/">{}</a>', order.pk, _("Pay back in full …"))
