"""Steps of the wallet; they join the transaction of the payment."""

from collections.abc import Iterable
from uuid import UUID

from commerce.wallet.models import Entitlement
from merchants.foundation import clock
from merchants.foundation.ids import new_id


def grant_entitlements(*, viewer_id: str, grants: Iterable[str], order_id: UUID) -> None:
    """Let the viewer watch what was bought; what they own already stays as it is.

    Needs: an open transaction that holds the order's row.
    """
    Entitlement.objects.bulk_create(
        (Entitlement(id=new_id(), viewer_id=viewer_id, grants=grant, order_id=order_id, granted_at=clock.now()) for grant in set(grants) - {""}),
        ignore_conflicts=True,
    )


def revoke_entitlements(*, order_id: UUID) -> None:
    """Take back what a refunded order unlocked.

    Needs: an open transaction that holds the order's row.
    """
    Entitlement.objects.filter(order_id=order_id, revoked_at=None).update(revoked_at=clock.now())
