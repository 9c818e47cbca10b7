"""Rows of the foundation: facts waiting for delivery, the audit trail."""

from django.db import models

from merchants.foundation.ids import new_id


class FactRecord(models.Model):
    """One emitted fact. `done` lists the handlers that have run."""

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=200)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.JSONField(default=list)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "merchants"
        db_table = "fact"
        indexes = [models.Index(fields=["next_attempt_at"], condition=models.Q(delivered_at=None), name="fact_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class AuditEntry(models.Model):
    """Who did what to what. Append-only: the application's role may neither change nor delete it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=200)
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    details = models.JSONField(default=dict)

    class Meta:
        app_label = "merchants"
        db_table = "audit_entry"
        db_table_comment = "append-only"

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject}"
