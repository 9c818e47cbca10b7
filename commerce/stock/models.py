"""Stock: one level a variant, one hold a line of an unpaid order, one entry an adjustment."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id


class Level(models.Model):
    """Where the received units are: `available + held + sold` is what ever came in, less what was written off.

    `is_unannounced`: viewers have not been told of the last change yet; `announced_at` bounds how often they are.
    """

    variant = models.OneToOneField("commerce.Variant", on_delete=models.PROTECT, primary_key=True, related_name="level")
    available = models.IntegerField(_("available"), default=0)
    held = models.IntegerField(_("held"), default=0)
    sold = models.IntegerField(_("sold"), default=0)
    is_unannounced = models.BooleanField(default=False)
    announced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "stock_level"
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = [
            models.CheckConstraint(condition=Q(available__gte=0), name="stock_available"),
            models.CheckConstraint(condition=Q(held__gte=0), name="stock_held"),
            models.CheckConstraint(condition=Q(sold__gte=0), name="stock_sold"),
        ]
        indexes = [models.Index(fields=["variant"], condition=Q(is_unannounced=True), name="stock_unannounced")]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.available}"

    @property
    def total(self) -> int:
        return self.available + self.held + self.sold


class Hold(models.Model):
    """Units set aside for an order until `expires_at`. `idempotency_key` lets one line in once."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Held")
        SOLD = "sold", _("Sold")
        RELEASED = "released", _("Released")
        EXPIRED = "expired", _("Expired")

    id = models.UUIDField(primary_key=True, default=new_id)
    idempotency_key = models.CharField(max_length=120, unique=True)
    order_id = models.UUIDField()
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="+", db_column="variant_id")
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "stock_hold"
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="active"), name="hold_due"),
            models.Index(fields=["order_id"], name="hold_order"),
        ]
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1), name="hold_quantity")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.quantity} {self.state}"


class Adjustment(models.Model):
    """Units that came in (`delta` > 0) or were written off (< 0), and why."""

    id = models.UUIDField(primary_key=True, default=new_id)
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="+", db_column="variant_id")
    delta = models.IntegerField()
    reason = models.CharField(max_length=120)
    actor = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        db_table = "stock_adjustment"
        db_table_comment = "append-only"
        indexes = [models.Index(fields=["level", "at"], name="adjustment_level")]

    def __str__(self) -> str:
        return f"{self.level_id} {self.delta:+d}"
