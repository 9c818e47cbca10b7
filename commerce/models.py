"""The commerce app's tables: re-exports only."""

from commerce.catalog.models import Picture, PriceChange, Product, Variant
from commerce.ledger.models import Account, Journal, Posting
from commerce.orders.models import Cart, CartLine, Order, OrderLine, OrderMail
from commerce.payments.models import Attempt, Refund
from commerce.stock.models import Adjustment, Hold, Level
from commerce.wallet.models import Entitlement

__all__ = [
    "Account",
    "Adjustment",
    "Attempt",
    "Cart",
    "CartLine",
    "Entitlement",
    "Hold",
    "Journal",
    "Level",
    "Order",
    "OrderLine",
    "OrderMail",
    "Picture",
    "Posting",
    "PriceChange",
    "Product",
    "Refund",
    "Variant",
]
