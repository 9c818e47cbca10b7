"""Django's view of the realtime floor."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"
    label = "realtime"
    default_auto_field = "django.db.models.BigAutoField"
