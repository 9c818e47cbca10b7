"""Merchants and domains, in the public schema."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin


class Merchant(TenantMixin):
    """One shop: a schema, at least one domain, quotas. `accent` is a CSS colour, `currency` ISO 4217, `time_zone` IANA."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        SUSPENDED = "suspended", _("Suspended")

    auto_create_schema = False
    auto_drop_schema = False

    name = models.CharField(_("shop name"), max_length=80)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.OPEN)
    suspended_reason = models.CharField(_("reason of the suspension"), max_length=200, blank=True)
    accent = models.CharField(_("accent colour"), max_length=7, default="#E5394B", validators=[RegexValidator(r"^#[0-9A-Fa-f]{6}$")])
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    time_zone = models.CharField(_("time zone"), max_length=40, default="UTC")
    stripe_account = models.CharField(max_length=40, blank=True)
    media_quota_bytes = models.BigIntegerField(_("media quota in bytes"), default=50 * 1024**3)
    viewer_quota = models.PositiveIntegerField(_("most viewers at once"), default=20_000)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")
        constraints = [
            models.CheckConstraint(condition=models.Q(media_quota_bytes__gte=0), name="merchant_media_quota"),
            models.CheckConstraint(condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="merchant_currency"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_suspended(self) -> bool:
        return self.status == self.Status.SUSPENDED


class Domain(DomainMixin):
    """A host name without port that leads to one shop."""

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
