"""Refusals of cards and the bag."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import Conflict, DomainError, NotFound


class RoomOffAir(Conflict):
    code = "room_off_air"
    text = _("The room is not on air. Start the show first.")


class ProductNotForSale(Conflict):
    """`title` is the product's."""

    code = "product_not_for_sale"
    text = _("“%(title)s” is not for sale. Publish it in the office, then raise its card.")


class CardNotShown(NotFound):
    code = "card_not_shown"
    text = _("This card is not on screen any more.")


class CueNotOnAir(Conflict):
    code = "cue_not_on_air"
    text = _("This cue does not belong to the episode on air.")


class ProductNotInBag(DomainError):
    code = "product_not_in_bag"
    http_status = 409
    text = _("This product is not in the room's bag. Raise its card first, or add it in the office.")
