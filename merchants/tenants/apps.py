from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "merchants.tenants"
    label = "tenants"
