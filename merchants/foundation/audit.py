"""The audit trail of a shop."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from merchants.foundation import clock
from merchants.foundation.models import AuditEntry


def record_action(*, actor: str, action: str, subject: str, **details: Any) -> None:
    """Note that `actor` (an e-mail, or `system`) did `action` (`room.start`) to `subject` (`room:<id>`).

    Needs: the open transaction of the change it notes.
    """
    AuditEntry.objects.create(at=clock.now(), actor=actor, action=action, subject=subject, details=details)


@dataclass(frozen=True)
class ActionView:
    """One line of the trail."""

    at: datetime
    actor: str
    action: str
    details: dict[str, Any]


def list_actions(subject: str, *, limit: int) -> tuple[list[ActionView], int]:
    """The newest entries about `subject`, and how many there are in all."""
    entries = AuditEntry.objects.filter(subject=subject).order_by("-at", "-id")
    return [ActionView(entry.at, entry.actor, entry.action, entry.details) for entry in entries[:limit]], entries.count()
