from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "commerce.payments.inbox"
    label = "payments_inbox"
