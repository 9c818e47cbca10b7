"""Messages that wait for their transaction, or for Valkey."""

from django.db import models

from merchants.foundation.ids import new_id


class OutboxMessage(models.Model):
    """One lossless message on its way. The row goes when the message has been said; `id` keeps the order, `name` tells it apart.

    Ids follow the commits of one topic as far as its stories lock the same row (a room's, an order's), which they do.
    """

    name = models.UUIDField(default=new_id)
    topic_key = models.CharField(max_length=200)
    channel = models.CharField(max_length=200)
    address = models.CharField(max_length=100, blank=True)
    lifetime_s = models.PositiveIntegerField()
    payload = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "outbox_message"
        indexes = [models.Index(fields=["topic_key", "id"], name="outbox_topic")]

    def __str__(self) -> str:
        return f"{self.topic_key} {self.pk}"
