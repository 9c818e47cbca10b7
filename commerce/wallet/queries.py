"""Reads of the wallet."""

from commerce.wallet.models import Entitlement


def has_entitlement(viewer_id: str, grants: str) -> bool:
    """Whether the viewer may watch exactly `grants`; an episode of an owned season is the caller's second question."""
    return Entitlement.objects.filter(viewer_id=viewer_id, grants=grants, revoked_at=None).exists()


def list_entitlements(viewer_id: str) -> set[str]:
    """Everything the viewer owns. One query."""
    return set(Entitlement.objects.filter(viewer_id=viewer_id, revoked_at=None).values_list("grants", flat=True))
