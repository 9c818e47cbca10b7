"""What a season costs. Rows are never changed: a correction is another row with the opposite sign."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id


class SeasonCost(models.Model):
    """Money spent on a season, in minor units of the shop's currency; below 0 what came back. Append-only."""

    class Kind(models.TextChoices):
        PRODUCTION = "production", _("Production")
        MEDIA = "media", _("Advertising")
        DISCOUNT = "discount", _("Discounts")
        GIFT = "gift", _("Gifts")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    season_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    amount_minor = models.BigIntegerField()
    note = models.CharField(max_length=200, blank=True)
    noted_by = models.CharField(max_length=200)
    noted_at = models.DateTimeField()

    class Meta:
        db_table = "season_cost"
        db_table_comment = "append-only"
        ordering = ["noted_at", "id"]
        indexes = [models.Index(fields=["season_id"], name="cost_of_season")]
        constraints = [models.CheckConstraint(condition=~models.Q(amount_minor=0), name="season_cost_is_some")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_minor}"
