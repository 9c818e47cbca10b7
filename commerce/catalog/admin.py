"""The office's products: variants and pictures inline, prices as decimals, stock with a reason."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from commerce.catalog import pictures
from commerce.catalog.actions import MOST_PICTURES, make_slug, note_price
from commerce.catalog.facts import ProductChanged
from commerce.catalog.models import MOST_PRICE_MINOR, Picture, Product, Variant
from merchants.accounts.permissions import can
from merchants.dashboard.site import OfficeAdmin, office
from merchants.foundation.audit import record_action
from merchants.foundation.errors import DomainError
from merchants.foundation.facts import emit
from merchants.foundation.money import Money, exponent_of, format_money, to_decimal
from merchants.tenants.queries import get_current_merchant


class VariantForm(forms.ModelForm):
    """`price` is what people write: `89.00`; the row keeps minor units."""

    price = forms.DecimalField(label=_("Price"), min_value=Decimal("0.001"), widget=UnfoldAdminDecimalFieldWidget())

    class Meta:
        model = Variant
        fields: ClassVar[list[str]] = ["title", "sku", "grants", "is_limited", "is_active", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = self.instance.currency or get_current_merchant().currency
        self.fields["price"].label = _("Price in %(currency)s") % {"currency": self.currency}
        self.fields["price"].widget.attrs["step"] = str(Decimal(1).scaleb(-exponent_of(self.currency)))
        if self.instance.price_minor:
            self.initial["price"] = to_decimal(Money(self.instance.price_minor, self.currency))

    def clean_price(self) -> int:
        """Minor units."""
        minor = self.cleaned_data["price"].scaleb(exponent_of(self.currency))
        if minor != minor.to_integral_value() or not 1 <= minor <= MOST_PRICE_MINOR:
            raise forms.ValidationError(
                _("A price has at most %(digits)s decimals and lies between the smallest coin and 999,999.99.")
                % {"digits": exponent_of(self.currency)}
            )
        return int(minor)

    def save(self, commit: bool = True) -> Variant:
        self.has_new_price = self.instance.price_minor != self.cleaned_data["price"]
        self.instance.price_minor = self.cleaned_data["price"]
        self.instance.currency = self.currency
        return super().save(commit)


class PictureForm(forms.ModelForm):
    """What is uploaded is measured and encoded anew before it is kept."""

    class Meta:
        model = Picture
        fields: ClassVar[list[str]] = ["image", "position"]
        # The framework's picture widgets show a preview by an inline style, which the policy forbids; the row shows its own.
        widgets: ClassVar[dict[str, Any]] = {"image": forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})}

    def clean_image(self) -> Any:
        image = self.cleaned_data["image"]
        if "image" not in self.changed_data:
            return image
        try:
            image.seek(0)
            return pictures.reencode(image)
        except DomainError as refusal:
            raise forms.ValidationError(refusal.message) from refusal


class _ByProduct:
    """An inline's rights are its product's."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "products.view")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "products.edit")

    has_add_permission = has_delete_permission = has_change_permission


class VariantInline(_ByProduct, StackedInline):
    """Variants that were sold stay: they can be switched off."""

    model = Variant
    form = VariantForm
    fields = [("title", "sku", "price"), ("is_limited", "is_active", "show_stock"), ("grants", "position")]
    readonly_fields = ["show_stock"]
    extra = 0
    min_num = 1

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("level")

    @admin.display(description=_("stock"))
    def show_stock(self, variant: Variant) -> Any:
        if not variant.is_limited:
            return _("not counted")
        level = getattr(variant, "level", None)
        text = _("%(available)s free, %(held)s held, %(sold)s sold") % {
            "available": level.available if level else 0,
            "held": level.held if level else 0,
            "sold": level.sold if level else 0,
        }
        return format_html('{} · <a class="underline" href="/office/stock/{}/">{}</a>', text, variant.pk, _("Adjust")) if variant.product_id else text


class PictureInline(_ByProduct, TabularInline):
    model = Picture
    form = PictureForm
    fields = ["show_picture", "image", "position"]
    readonly_fields = ["show_picture"]
    extra = 0
    max_num = MOST_PICTURES

    @admin.display(description=_("picture"))
    def show_picture(self, picture: Picture) -> Any:
        return format_html('<img src="{}" alt="" width="48" height="64">', picture.image.url) if picture.image else "—"


@admin.register(Product, site=office)
class ProductAdmin(OfficeAdmin):
    """What the shop sells."""

    area = "products"
    list_display = ["show_product", "show_price", "show_stock", "show_for_sale"]
    list_filter = ["is_published", "ships"]
    search_fields = ["title", "subtitle", "variants__sku"]
    fields = ["title", "subtitle", "description", "badge", "slug", "ships", "is_published"]
    inlines = [VariantInline, PictureInline]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("variants__level", "pictures")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was sold stays in the books: a product is taken off sale instead."""
        return False

    @display(description=_("product"), header=True, ordering="title")
    def show_product(self, product: Product) -> list[Any]:
        picture = next(iter(product.pictures.all()), None)
        image = {"path": picture.image.url, "height": 40, "width": 30, "squared": True} if picture else None
        return [product.title, product.subtitle, "", image] if image else [product.title, product.subtitle]

    @display(description=_("price"))
    def show_price(self, product: Product) -> str:
        prices = sorted({(variant.price_minor, variant.currency) for variant in product.variants.all() if variant.is_active})
        return " – ".join(format_money(Money(*price)) for price in dict.fromkeys([prices[0], prices[-1]])) if prices else "—"

    @display(description=_("stock"))
    def show_stock(self, product: Product) -> str:
        counted = [variant for variant in product.variants.all() if variant.is_limited]
        return str(sum(variant.level.available for variant in counted if hasattr(variant, "level"))) if counted else "—"

    @display(description=_("for sale"), boolean=True, ordering="is_published")
    def show_for_sale(self, product: Product) -> bool:
        return product.is_published

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        obj.slug = obj.slug or make_slug(obj.title)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The admin saves inside one transaction: history, audit and fact join it."""
        super().save_related(request, form, formsets, change)
        actor = request.user.email  # type: ignore[union-attr]  # signed in
        with transaction.atomic():
            for formset in formsets:
                for variant_form in formset.forms:
                    if getattr(variant_form, "has_new_price", False) and variant_form.instance.pk:
                        note_price(variant=variant_form.instance, actor=actor)
            record_action(actor=actor, action="product.edit" if change else "product.create", subject=f"product:{form.instance.pk}")
            emit(ProductChanged(product_id=form.instance.pk))
        if not change:
            messages.info(request, _("Set the stock of its variants next, so that it can be bought."))
