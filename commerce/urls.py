"""Addresses of the commerce floor on a shop's host."""

from django.urls import URLPattern, URLResolver, path

from commerce.catalog import api as catalog
from commerce.finance import views as finance
from commerce.orders import api as orders
from commerce.orders import views as order_pages
from commerce.payments import api as payments
from commerce.payments import views as payment_pages
from commerce.stock import views as stock_pages
from merchants.dashboard.site import office

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/products/", catalog.ProductListView.as_view(), name="products"),
    path("api/v1/products/<slug:slug>/", catalog.ProductView.as_view(), name="product"),
    path("api/v1/bag/", orders.BagView.as_view(), name="bag"),
    path("api/v1/bag/<uuid:variant_id>/", orders.BagLineView.as_view(), name="bag_line"),
    path("api/v1/orders/", orders.OrderListView.as_view(), name="own_orders"),
    path("api/v1/checkout/", payments.CheckoutView.as_view(), name="checkout"),
    path("api/v1/checkout/offers/<uuid:variant_id>/", payments.OfferView.as_view(), name="checkout_offer"),
    path("api/v1/checkout/<uuid:order_id>/", payments.CheckoutStatusView.as_view(), name="checkout_status"),
    path("api/v1/checkout/<uuid:order_id>/settle/", payments.CheckoutSettleView.as_view(), name="checkout_settle"),
    path("api/v1/checkout/<uuid:order_id>/cancel/", payments.CheckoutCancelView.as_view(), name="checkout_cancel"),
    path("checkout/return/<uuid:order_id>/", payment_pages.come_back, name="checkout_return"),
    path("orders/<str:token>/", order_pages.receipt, name="receipt"),
    path("office/orders/<uuid:order_id>/refund/", office.admin_view(payment_pages.refund), name="order_refund"),
    path("office/stock/<uuid:variant_id>/", office.admin_view(stock_pages.adjust), name="stock_adjust"),
    path("finance/", office.admin_view(finance.month), name="finance"),
    path("finance/reconciliation/", finance.reconciliation, name="finance_reconciliation"),
    path("finance/exports/orders.csv", finance.orders_csv, name="finance_orders_csv"),
]
