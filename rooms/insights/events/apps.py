from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "rooms.insights.events"
    label = "insights"
