"""The roof: tables that wire the floors together, settings, the supervisor. Nobody imports it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
