"""The bag."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from commerce.catalog.queries import list_sellable
from commerce.orders.errors import NotForSale, TooMuch
from commerce.orders.models import MOST_QUANTITY, Cart, CartLine
from commerce.orders.queries import BagLine, list_bag
from merchants.foundation import clock

MOST_LINES = 20


def put_in_bag(*, viewer_id: str, variant_id: UUID, quantity: int) -> list[BagLine]:
    """Make the bag hold `quantity` of the variant; zero takes it out. Raises: NotForSale, TooMuch."""
    if not 0 <= quantity <= MOST_QUANTITY:
        raise TooMuch(most=MOST_QUANTITY, lines=MOST_LINES)
    if quantity and variant_id not in list_sellable([variant_id]):
        raise NotForSale
    with transaction.atomic(durable=True):
        cart, _ = Cart.objects.get_or_create(viewer_id=viewer_id)
        Cart.objects.select_for_update(of=("self",), no_key=True).get(pk=cart.pk)
        if not quantity:
            cart.lines.filter(variant_id=variant_id).delete()
        elif cart.lines.exclude(variant_id=variant_id).count() >= MOST_LINES:
            raise TooMuch(most=MOST_QUANTITY, lines=MOST_LINES)
        else:
            cart.lines.update_or_create(
                variant_id=variant_id, defaults={"quantity": quantity}, create_defaults={"quantity": quantity, "added_at": clock.now()}
            )
    return list_bag(viewer_id)


def take_out_of_bag(*, viewer_id: str, variant_ids: Iterable[UUID]) -> None:
    """Forget what was bought.

    Needs: an open transaction.
    """
    CartLine.objects.filter(cart__viewer_id=viewer_id, variant_id__in=list(variant_ids)).delete()
