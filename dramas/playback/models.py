"""Where a viewer left a season."""

from django.db import models


class WatchPosition(models.Model):
    """The last place of one viewer in one season. `viewer_id` is a guest's or a person's: see `merchants.accounts.guests.Viewer`."""

    viewer_id = models.CharField(max_length=64)
    season = models.ForeignKey("dramas.Season", on_delete=models.CASCADE, related_name="+")
    episode = models.ForeignKey("dramas.Episode", on_delete=models.CASCADE, related_name="+")
    position_ms = models.PositiveIntegerField()
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "dramas"
        db_table = "watch_position"
        constraints = [models.UniqueConstraint(fields=["viewer_id", "season"], name="watch_position_once")]

    def __str__(self) -> str:
        return f"{self.viewer_id} {self.position_ms}"
