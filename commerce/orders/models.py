"""The bag and the orders."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commerce.orders.states import OrderState
from merchants.foundation.ids import new_id

MOST_QUANTITY = 10


class Cart(models.Model):
    """A viewer's bag; the room shows the same one."""

    id = models.UUIDField(primary_key=True, default=new_id)
    viewer_id = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "cart"

    def __str__(self) -> str:
        return self.viewer_id


class CartLine(models.Model):
    """So many of a variant; the price is the variant's, until an order copies it."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("commerce.Variant", on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveSmallIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        db_table = "cart_line"
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=MOST_QUANTITY), name="cart_line_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"


class Order(models.Model):
    """What a viewer asked for and what became of it. `client_key` is the browser's: it lets one tap in once.

    `room_id`, `program_seq`, `position_ms` and `cue_id` come from the signed attribution token: the second of the story that sold.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(_("number"), max_length=24, unique=True)
    viewer_id = models.CharField(max_length=64)
    user_id = models.UUIDField(null=True)
    client_key = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=OrderState.choices, default=OrderState.PENDING)
    email = models.EmailField(_("e-mail"), max_length=254)
    ship_name = models.CharField(_("name"), max_length=120, blank=True)
    ship_address = models.CharField(_("deliver to"), max_length=400, blank=True)
    language = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    total_minor = models.PositiveBigIntegerField()
    refunded_minor = models.PositiveBigIntegerField(default=0)
    placed_at = models.DateTimeField(_("placed"))
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(_("paid"), null=True)
    refunded_at = models.DateTimeField(_("refunded"), null=True)
    room_id = models.UUIDField(null=True)
    program_seq = models.PositiveIntegerField(null=True)
    position_ms = models.PositiveIntegerField(null=True)
    cue_id = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "shop_order"
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            models.UniqueConstraint(fields=["viewer_id", "client_key"], name="order_once"),
            models.CheckConstraint(condition=Q(refunded_minor__lte=F("total_minor")), name="order_refund_within_total"),
            models.CheckConstraint(condition=Q(state__in=OrderState.values), name="order_state_known"),
            models.CheckConstraint(condition=Q(total_minor__gte=1), name="order_total"),
        ]
        indexes = [
            models.Index(fields=["-placed_at"], name="order_placed"),
            models.Index(fields=["viewer_id", "-placed_at"], name="order_viewer"),
            models.Index(fields=["expires_at"], condition=Q(state__in=["pending", "paying"]), name="order_due"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """What was bought, as it was called and cost at that moment."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("commerce.Variant", on_delete=models.PROTECT, related_name="+")
    product_title = models.CharField(_("product"), max_length=120)
    variant_title = models.CharField(_("variant"), max_length=80, blank=True)
    sku = models.CharField(_("article number"), max_length=64)
    unit_price_minor = models.PositiveIntegerField()
    quantity = models.PositiveSmallIntegerField(_("quantity"))
    grants = models.CharField(max_length=60, blank=True)
    is_limited = models.BooleanField()
    ships = models.BooleanField()

    class Meta:
        db_table = "order_line"
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=MOST_QUANTITY), name="order_line_quantity")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"


class OrderMail(models.Model):
    """A letter that is owed to the buyer. The row commits with the change it tells of; a sweeper repeats what was not sent."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Receipt")
        REFUND = "refund", _("Refund")

    id = models.UUIDField(primary_key=True, default=new_id)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "order_mail"
        constraints = [models.UniqueConstraint(fields=["order", "kind"], name="order_mail_once")]
        indexes = [models.Index(fields=["claimed_at"], condition=Q(sent_at=None), name="order_mail_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.order_id}"
