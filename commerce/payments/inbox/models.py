"""The inbox of webhooks. Its state changes in the same transaction as what the event did."""

from django.db import models


class StripeEvent(models.Model):
    """One event, once: `account` is empty for the platform's own. `schema` is the shop it belongs to, as far as it is known."""

    class State(models.TextChoices):
        RECEIVED = "received"
        DONE = "done"
        QUARANTINED = "quarantined"

    pk = models.CompositePrimaryKey("account", "event_id")
    account = models.CharField(max_length=64)
    event_id = models.CharField(max_length=80)
    event_type = models.CharField(max_length=80)
    schema = models.CharField(max_length=63)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    reason = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()

    class Meta:
        db_table = "stripe_event"
        indexes = [
            models.Index(fields=["schema", "next_attempt_at"], condition=models.Q(state="received"), name="stripe_event_due"),
            models.Index(fields=["received_at"], name="stripe_event_received"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.event_id}"


class Sweep(models.Model):
    """How far `events.list` of an account has been read."""

    account = models.CharField(max_length=64, primary_key=True)
    read_until = models.DateTimeField()

    class Meta:
        db_table = "stripe_sweep"

    def __str__(self) -> str:
        return f"{self.account} {self.read_until}"
