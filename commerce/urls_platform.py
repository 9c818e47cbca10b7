"""Addresses of the commerce floor on the platform host."""

from django.urls import path

from commerce.payments.webhooks import receive

urlpatterns = [path("stripe/webhooks/", receive, name="stripe_webhooks")]
