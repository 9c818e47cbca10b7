"""Addresses of accounts on a shop's host, before allauth's."""

from django.urls import path

from merchants.accounts import views

urlpatterns = [
    path("hop/", views.hop, name="hop"),
    path("join/<str:token>/", views.join, name="join"),
]
