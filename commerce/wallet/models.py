"""Entitlements."""

from django.db import models
from django.db.models import Q

from merchants.foundation.ids import new_id


class Entitlement(models.Model):
    """`viewer_id` may watch what `grants` names (`episode:<uuid>`, `season:<uuid>`) until it is revoked."""

    id = models.UUIDField(primary_key=True, default=new_id)
    viewer_id = models.CharField(max_length=64)
    grants = models.CharField(max_length=60)
    order_id = models.UUIDField()
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "entitlement"
        constraints = [models.UniqueConstraint(fields=["viewer_id", "grants"], condition=Q(revoked_at=None), name="entitlement_once")]
        indexes = [models.Index(fields=["order_id"], name="entitlement_order")]

    def __str__(self) -> str:
        return f"{self.viewer_id} {self.grants}"
