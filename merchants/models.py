"""The merchants app's tables: re-exports only."""

from merchants.foundation.models import AuditEntry, FactRecord

__all__ = ["AuditEntry", "FactRecord"]
