"""Reports that somebody, or the schedule, has asked for: how far they are, and whether they were called off."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id


class ReportRun(models.Model):
    """The reports of one room, computed one after the other. At most one run of a room is open."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("Working")
        DONE = "done", _("Up to date")
        CANCELLED = "cancelled", _("Called off")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room_id = models.UUIDField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    permille = models.PositiveSmallIntegerField(default=0)
    computed = models.PositiveSmallIntegerField(default=0)
    asked_by = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "report_run"
        indexes = [models.Index(fields=["room_id", "-asked_at"], name="report_run_of_room")]
        constraints = [
            models.UniqueConstraint(fields=["room_id"], condition=Q(state__in=["waiting", "working"]), name="report_run_one_open"),
            models.CheckConstraint(condition=Q(permille__lte=1000), name="report_run_permille"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.room_id}"
