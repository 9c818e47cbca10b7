"""The office's pages of the commerce floor: re-exports only."""

from commerce.catalog.admin import ProductAdmin
from commerce.orders.admin import OrderAdmin

__all__ = ["OrderAdmin", "ProductAdmin"]
