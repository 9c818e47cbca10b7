"""Attempts to take money and to give it back. A row with its idempotency key is committed before Stripe is called."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id


class Attempt(models.Model):
    """One Checkout Session of an order. `client_secret` opens its sheet in the buyer's browser."""

    class State(models.TextChoices):
        CREATED = "created", _("Begun")
        OPEN = "open", _("Open")
        SUCCEEDED = "succeeded", _("Paid")
        CLOSED = "closed", _("Closed")
        FAILED = "failed", _("Failed")
        MISMATCHED = "mismatched", _("Wrong amount")

    id = models.UUIDField(primary_key=True, default=new_id)
    order = models.ForeignKey("commerce.Order", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.CREATED)
    idempotency_key = models.CharField(max_length=160, unique=True)
    account = models.CharField(max_length=64, blank=True)
    amount_minor = models.PositiveBigIntegerField()
    captured_minor = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    session_id = models.CharField(max_length=120, blank=True)
    client_secret = models.CharField(max_length=300, blank=True)
    payment_intent = models.CharField(max_length=80, blank=True)
    charge = models.CharField(max_length=80, blank=True)
    balance_transaction = models.CharField(max_length=80, blank=True)
    decline_code = models.CharField(max_length=60, blank=True)
    declines = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    captured_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payment_attempt"
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="attempt_number"),
            models.UniqueConstraint(fields=["payment_intent"], condition=~Q(payment_intent=""), name="attempt_payment_intent"),
        ]
        indexes = [
            models.Index(fields=["captured_at"], condition=Q(state="succeeded", balance_transaction=""), name="attempt_without_fees"),
            models.Index(fields=["session_id"], name="attempt_session"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.number} {self.state}"


class Refund(models.Model):
    """Money on its way back. Refunds of an attempt never exceed what it captured: checked under the order's lock."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        SUCCEEDED = "succeeded", _("Paid back")
        FAILED = "failed", _("Failed")

    class Reason(models.TextChoices):
        OWNER = "owner", _("By the shop")
        GOODS_GONE = "goods_gone", _("Paid after the goods were gone")
        PAID_TWICE = "paid_twice", _("Paid twice")

    id = models.UUIDField(primary_key=True, default=new_id)
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="refunds")
    order = models.ForeignKey("commerce.Order", on_delete=models.PROTECT, related_name="+")
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    idempotency_key = models.CharField(max_length=160, unique=True)
    stripe_refund = models.CharField(max_length=80, blank=True)
    balance_transaction = models.CharField(max_length=80, blank=True)
    failure = models.CharField(max_length=120, blank=True)
    actor = models.CharField(max_length=200)
    requested_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payment_refund"
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gte=1), name="refund_amount"),
            models.UniqueConstraint(fields=["stripe_refund"], condition=~Q(stripe_refund=""), name="refund_stripe_id"),
        ]
        indexes = [models.Index(F("requested_at"), condition=Q(state="requested"), name="refund_due")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.amount_minor} {self.state}"
