"""Products, their variants and pictures, and every price a variant ever had."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id

MOST_PRICE_MINOR = 99_999_999  # Stripe's limit of eight digits for most currencies
GRANT = r"^(episode|season):[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


class Product(models.Model):
    """What a card shows. `ships`: a delivery address is asked for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(
        _("address"), max_length=80, unique=True, blank=True, help_text=_("Part of the product's web address. Left empty, it is made from the title.")
    )
    title = models.CharField(_("title"), max_length=120)
    subtitle = models.CharField(_("subtitle"), max_length=160, blank=True)
    description = models.TextField(_("description"), max_length=5000, blank=True)
    badge = models.CharField(_("badge"), max_length=24, blank=True, help_text=_("A few letters on the card, such as “New”."))
    ships = models.BooleanField(_("is sent by post"), default=True)
    is_published = models.BooleanField(_("for sale"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        db_table = "product"
        ordering = ["title"]
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        return self.title


def picture_path(picture: "Picture", _name: str) -> str:
    return f"products/{picture.product_id}/{picture.pk}.webp"


class Picture(models.Model):
    """A picture of a product, re-encoded on arrival; the one with the lowest position is on the card."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="pictures")
    image = models.ImageField(_("picture"), upload_to=picture_path, width_field="width", height_field="height")
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        db_table = "product_picture"
        ordering = ["position", "id"]
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return str(self.position)


class Variant(models.Model):
    """What is bought. `grants` (`episode:<uuid>` or `season:<uuid>`) unlocks with the payment; `is_limited` counts stock."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants")
    title = models.CharField(_("variant"), max_length=80, blank=True)
    sku = models.CharField(_("article number"), max_length=64, unique=True, validators=[RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")])
    price_minor = models.PositiveIntegerField(
        _("price in minor units"),
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PRICE_MINOR)],
        help_text=_("Whole cents (or yen): 8900 is $89.00."),
    )
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    grants = models.CharField(_("unlocks"), max_length=60, blank=True, validators=[RegexValidator(GRANT)])
    is_limited = models.BooleanField(_("has stock"), default=True)
    is_active = models.BooleanField(_("for sale"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        db_table = "variant"
        ordering = ["position", "id"]
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [
            models.CheckConstraint(condition=models.Q(price_minor__gte=1, price_minor__lte=MOST_PRICE_MINOR), name="variant_price"),
            models.CheckConstraint(condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="variant_currency"),
        ]

    def __str__(self) -> str:
        return f"{self.product} · {self.title}" if self.title else str(self.product)


class PriceChange(models.Model):
    """A price from `at` on."""

    id = models.UUIDField(primary_key=True, default=new_id)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="price_changes")
    price_minor = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)

    class Meta:
        db_table = "price_change"
        db_table_comment = "append-only"
        indexes = [models.Index(fields=["variant", "at"], name="price_change_variant")]

    def __str__(self) -> str:
        return f"{self.variant_id} {self.price_minor}"
