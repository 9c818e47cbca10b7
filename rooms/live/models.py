"""What is kept of the host's line: viewers' figures for a fortnight, and the reports of drills."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id


class WatchSample(models.Model):
    """What one viewer's page saw of the host's line in the `over_ms` before `at`. `viewer_id` is that of the danmaku and comments."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    airing = models.ForeignKey("rooms.Airing", on_delete=models.CASCADE, related_name="+")
    viewer_id = models.CharField(max_length=40)
    at = models.DateTimeField()
    tier = models.CharField(max_length=8)
    over_ms = models.PositiveIntegerField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    frames_per_s = models.FloatField()
    freezes = models.PositiveSmallIntegerField()
    frozen_ms = models.PositiveIntegerField()
    stalls = models.PositiveSmallIntegerField()
    lost_permille = models.PositiveSmallIntegerField()
    decode_ms = models.FloatField()
    buffered_ms = models.FloatField()
    round_trip_ms = models.FloatField(null=True)

    class Meta:
        db_table = "watch_sample"
        indexes = [models.Index(fields=["airing", "at"], name="sample_of_airing"), models.Index(fields=["at"], name="sample_age")]

    def __str__(self) -> str:
        return f"{self.viewer_id} {self.at:%Y-%m-%d %H:%M:%S}"


class Drill(models.Model):
    """A failure that was rehearsed. `steps` are `{"code", "at_ms"}`, counted from the failure; `gap_ms` is the longest stop that the
    line's viewers saw, `fault_ms` and `back_ms` when the fault scene came up and when the line was back. Null: it did not happen."""

    class Kind(models.TextChoices):
        PRIMARY_LOST = "primary_lost", _("the primary line is lost")
        LINE_LOST = "line_lost", _("the whole line is lost")
        NODE_MOVES = "node_moves", _("the media server moves")

    class State(models.TextChoices):
        RUNNING = "running", _("runs")
        PASSED = "passed", _("passed")
        FAILED = "failed", _("failed")
        BROKEN = "broken", _("broken off")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="+")
    airing = models.ForeignKey("rooms.Airing", null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    by = models.CharField(max_length=254)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    steps = models.JSONField(default=list)
    gap_ms = models.PositiveIntegerField(null=True)
    fault_ms = models.PositiveIntegerField(null=True)
    back_ms = models.PositiveIntegerField(null=True)
    viewers = models.PositiveIntegerField(default=0)
    viewers_frozen_ms = models.PositiveIntegerField(null=True)
    verdict = models.CharField(max_length=24, blank=True)

    class Meta:
        db_table = "drill"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["room", "-created_at"], name="drill_of_room")]
        constraints = [
            models.UniqueConstraint(fields=["room"], condition=models.Q(state="running"), name="drill_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d %H:%M}"
