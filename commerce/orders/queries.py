"""Reads of the orders."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commerce.orders.errors import OrderNotFound
from commerce.orders.models import Cart, Order, OrderLine
from commerce.orders.states import PAYABLE, OrderState
from merchants.foundation import signing
from merchants.foundation.money import Money

RECEIPT_PURPOSE = "order"
RECEIPT_TTL_S = 2 * 365 * 86_400


@dataclass(frozen=True)
class OrderLineView:
    """A line with its price at that moment; `variant_id` still leads to the catalog."""

    variant_id: UUID
    product_title: str
    variant_title: str
    sku: str
    quantity: int
    unit_price: Money
    grants: str
    is_limited: bool
    ships: bool

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class OrderView:
    """An order as other slices may see it."""

    id: UUID
    number: str
    state: OrderState
    viewer_id: str
    email: str
    ship_name: str
    ship_address: str
    language: str
    total: Money
    refunded: Money
    placed_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    refunded_at: datetime | None
    room_id: UUID | None
    program_seq: int | None
    position_ms: int | None
    cue_id: str
    lines: list[OrderLineView]

    @property
    def is_payable(self) -> bool:
        return self.state in PAYABLE

    @property
    def receipt_path(self) -> str:
        """The buyer's page on the shop's host; whoever has the link sees the order."""
        return f"/orders/{signing.sign(RECEIPT_PURPOSE, {'id': str(self.id)}, RECEIPT_TTL_S)}/"


@dataclass(frozen=True)
class BagLine:
    variant_id: UUID
    product_id: UUID
    quantity: int


@dataclass(frozen=True)
class Sale:
    """A paid order as statistics count it. Amounts in minor units of the shop's currency."""

    viewer_id: str
    room_id: UUID | None
    placed_at: datetime
    total_minor: int
    refunded_minor: int


@dataclass(frozen=True)
class Purchase:
    """Who asked for an order, and when."""

    viewer_id: str
    placed_at: datetime


@dataclass(frozen=True)
class PlacedSale:
    """A paid order with the second of the program at which its buyer tapped, as far as the attribution token said."""

    order_id: UUID
    number: str
    program_seq: int | None
    position_ms: int | None
    paid_at: datetime
    total_minor: int
    refunded_minor: int


def get_order(order_id: UUID) -> OrderView:
    """Raises: OrderNotFound."""
    order = Order.objects.prefetch_related("lines").filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound
    return view_of(order)


def get_order_of_viewer(order_id: UUID, viewer_id: str) -> OrderView:
    """Raises: OrderNotFound, also when the order is somebody else's."""
    order = Order.objects.prefetch_related("lines").filter(pk=order_id, viewer_id=viewer_id).first()
    if order is None:
        raise OrderNotFound
    return view_of(order)


def get_order_by_receipt(token: str) -> OrderView:
    """The order behind a receipt link. Raises: TokenInvalid, TokenExpired, OrderNotFound."""
    return get_order(UUID(signing.read(RECEIPT_PURPOSE, token)["id"]))


def list_orders_of_viewer(viewer_id: str, *, limit: int = 20) -> list[OrderView]:
    """The viewer's orders, newest first. Two queries."""
    orders = Order.objects.prefetch_related("lines").filter(viewer_id=viewer_id).order_by("-placed_at")
    return [view_of(order) for order in orders[:limit]]


def find_last_buyer(viewer_id: str) -> tuple[str, str, str]:
    """E-mail, name and address that the viewer gave last; empty for a new one. One query."""
    last = Order.objects.filter(viewer_id=viewer_id).order_by("-placed_at").values_list("email", "ship_name", "ship_address").first()
    return last or ("", "", "")


def list_due_orders(*, now: datetime, limit: int = 100) -> list[UUID]:
    """Unpaid orders whose time is over."""
    return list(Order.objects.filter(state__in=PAYABLE, expires_at__lte=now).order_by("expires_at").values_list("pk", flat=True)[:limit])


def list_bag(viewer_id: str) -> list[BagLine]:
    """The viewer's bag, oldest first. One query."""
    cart = Cart.objects.filter(viewer_id=viewer_id)
    rows = (
        cart.filter(lines__isnull=False).order_by("lines__added_at").values_list("lines__variant_id", "lines__variant__product_id", "lines__quantity")
    )
    return [BagLine(*row) for row in rows]


def list_sales(*, since: datetime, until: datetime) -> Iterator[Sale]:
    """Orders placed since `since` and paid by `until`, row by row: a season may have many. One query."""
    paid = Order.objects.filter(placed_at__gte=since, paid_at__lte=until)
    rows = paid.order_by("placed_at", "pk").values_list("viewer_id", "room_id", "placed_at", "total_minor", "refunded_minor")
    return (Sale(*row) for row in rows.iterator(chunk_size=5_000))


def list_placed_sales(room_id: UUID, *, since: datetime | None = None, until: datetime | None = None, limit: int = 20_000) -> list[PlacedSale]:
    """Orders of a room that were paid in [since, until), the newest first. One query."""
    paid = Order.objects.filter(room_id=room_id, paid_at__isnull=False)
    if since is not None:
        paid = paid.filter(paid_at__gte=since)
    if until is not None:
        paid = paid.filter(paid_at__lt=until)
    columns = ("pk", "number", "program_seq", "position_ms", "paid_at", "total_minor", "refunded_minor")
    return [PlacedSale(*row) for row in paid.order_by("-paid_at", "-pk").values_list(*columns)[:limit]]


def list_purchases(order_ids: Iterable[UUID]) -> dict[UUID, Purchase]:
    """Those of the orders that exist. One query."""
    rows = Order.objects.filter(pk__in=list(order_ids)).values_list("pk", "viewer_id", "placed_at")
    return {order_id: Purchase(viewer_id, placed_at) for order_id, viewer_id, placed_at in rows}


def view_of(order: Order) -> OrderView:
    return OrderView(
        id=order.pk,
        number=order.number,
        state=OrderState(order.state),
        viewer_id=order.viewer_id,
        email=order.email,
        ship_name=order.ship_name,
        ship_address=order.ship_address,
        language=order.language,
        total=Money(order.total_minor, order.currency),
        refunded=Money(order.refunded_minor, order.currency),
        placed_at=order.placed_at,
        expires_at=order.expires_at,
        paid_at=order.paid_at,
        refunded_at=order.refunded_at,
        room_id=order.room_id,
        program_seq=order.program_seq,
        position_ms=order.position_ms,
        cue_id=order.cue_id,
        lines=[_line_view(line, order.currency) for line in order.lines.all()],
    )


def _line_view(line: OrderLine, currency: str) -> OrderLineView:
    return OrderLineView(
        variant_id=line.variant_id,
        product_title=line.product_title,
        variant_title=line.variant_title,
        sku=line.sku,
        quantity=line.quantity,
        unit_price=Money(line.unit_price_minor, currency),
        grants=line.grants,
        is_limited=line.is_limited,
        ships=line.ships,
    )
