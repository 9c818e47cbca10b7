"""Runs of ghosts."""

from django.db import models

from merchants.foundation.ids import new_id

MOST_GHOSTS = 500
SPEEDS = (1, 2, 5, 10)


class GhostRun(models.Model):
    """The crowd of the show `past` plays in the show `during` of a rehearsal room, `speed` times as fast.

    Where it stands is said by the clock alone: (now - started_at) * speed. So whoever leads the room goes on where another fell.
    It ends at `stops_at` at the latest; `stopped_at` is when a hand, or its end, was written down.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="+")
    during = models.ForeignKey("rooms.Airing", on_delete=models.CASCADE, related_name="+")
    past = models.ForeignKey("rooms.Airing", on_delete=models.CASCADE, related_name="+")
    speed = models.PositiveSmallIntegerField()
    ghosts = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    stops_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=254)

    class Meta:
        db_table = "ghost_run"
        constraints = [
            models.UniqueConstraint(fields=["room"], condition=models.Q(stopped_at=None), name="ghosts_once_a_room"),
            models.CheckConstraint(condition=models.Q(speed__in=SPEEDS), name="ghosts_speed"),
            models.CheckConstraint(condition=models.Q(ghosts__gte=1, ghosts__lte=MOST_GHOSTS), name="ghosts_count"),
        ]

    def __str__(self) -> str:
        return f"{self.past_id} x{self.speed}"
