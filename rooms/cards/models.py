"""Cards that were raised or lowered by hand, and the bag of a room."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id


class BagItem(models.Model):
    """A product that the merchant put into the bag of a room. Products of the season's cues come by themselves."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="+")
    product = models.ForeignKey("commerce.Product", verbose_name=_("product"), on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField(_("place"), default=0)

    class Meta:
        db_table = "bag_item"
        verbose_name = _("product in the bag")
        verbose_name_plural = _("products in the bag")
        ordering = ["rank", "id"]
        constraints = [models.UniqueConstraint(fields=["room", "product"], name="bag_item_once")]

    def __str__(self) -> str:
        return str(self.product_id)


class Bag(models.Model):
    """The bag as viewers see it: product ids in order, and the one that is being explained."""

    room = models.OneToOneField("rooms.Room", primary_key=True, on_delete=models.CASCADE, related_name="+")
    product_ids = models.JSONField(default=list)
    pinned_id = models.UUIDField(null=True)

    class Meta:
        db_table = "bag"

    def __str__(self) -> str:
        return str(self.room_id)


class RaisedCard(models.Model):
    """A card on screen from `raised_at` until it is lowered or expires. `cue_id` is the cue that the host fired by hand."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="+")
    airing = models.ForeignKey("rooms.Airing", on_delete=models.CASCADE, related_name="+")
    product_id = models.UUIDField()
    cue_id = models.UUIDField(null=True)
    program_seq = models.PositiveBigIntegerField()
    position_ms = models.PositiveIntegerField()
    raised_by = models.CharField(max_length=200)
    raised_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    lowered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "raised_card"
        ordering = ["raised_at", "id"]
        indexes = [models.Index(fields=["room", "expires_at"], condition=models.Q(lowered_at=None), name="raised_card_shown")]
        constraints = [
            models.UniqueConstraint(fields=["room", "product_id"], condition=models.Q(lowered_at=None), name="raised_card_once"),
            models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("raised_at")), name="raised_card_lasts"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.raised_at:%H:%M:%S}"


class LoweredCue(models.Model):
    """The host took down the card of a cue while its entry was on air; late joiners do not see it either."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="+")
    program_seq = models.PositiveBigIntegerField()
    cue_id = models.UUIDField()
    lowered_by = models.CharField(max_length=200)
    lowered_at = models.DateTimeField()

    class Meta:
        db_table = "lowered_cue"
        constraints = [models.UniqueConstraint(fields=["room", "program_seq", "cue_id"], name="lowered_cue_once")]

    def __str__(self) -> str:
        return f"{self.program_seq} {self.cue_id}"
