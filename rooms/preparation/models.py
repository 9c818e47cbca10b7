"""What shows were expected to bring, and what was done about it."""

from django.db import models

from merchants.foundation.ids import new_id


class ShowForecast(models.Model):
    """The cards of one show that are worth preparing for, forecast once, when it began; never changed.

    `cards`: `[{"cue_id": str, "taps": float, "orders": float}]`. `took_ms`: how long the forecast took.
    """

    airing = models.OneToOneField("rooms.Airing", on_delete=models.CASCADE, primary_key=True, related_name="+")
    made_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    cards = models.JSONField()

    class Meta:
        db_table = "show_forecast"

    def __str__(self) -> str:
        return f"{self.airing_id}: {len(self.cards)}"


class CardPreparation(models.Model):
    """One card of one show that was prepared for. `due_at`: the card's moment; `program_seq`: what was on air when this was decided.

    `done_at` None: not done, or not in time. `hot_variants`, `processes`: variants that were marked hot, web processes that heard of it.
    `taps`, `orders`: what came, counted some minutes after the card; None before that.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    airing = models.ForeignKey("rooms.Airing", on_delete=models.CASCADE, related_name="+")
    program_seq = models.PositiveBigIntegerField()
    cue_id = models.UUIDField()
    product_id = models.UUIDField()
    due_at = models.DateTimeField()
    lasts_ms = models.PositiveIntegerField()
    expected_taps = models.FloatField()
    expected_orders = models.FloatField()
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    took_ms = models.PositiveIntegerField(null=True)
    hot_variants = models.PositiveSmallIntegerField(default=0)
    processes = models.PositiveSmallIntegerField(default=0)
    taps = models.PositiveIntegerField(null=True)
    orders = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "card_preparation"
        constraints = [models.UniqueConstraint(fields=["airing", "program_seq", "cue_id"], name="card_prepared_once_an_entry")]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(taps=None), name="card_preparation_uncounted"),
            models.Index(fields=["due_at"], name="card_preparation_due"),
        ]

    def __str__(self) -> str:
        return f"{self.airing_id} {self.cue_id}"
