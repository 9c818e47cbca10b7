"""One row for each folder that a media node recorded into."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id


class Recording(models.Model):
    """What a node kept of a show's live parts in one go: from its folder into the media, `recordings/<id>/…`.

    `pieces` are [captured at (epoch ms), place in the film (ms), length (ms)]. `claim` is the token of the worker that has it,
    `heartbeat_at` its sign of life, `runs` counts claims. `error_code` says why it failed or, once it is done, why it ends early.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for a worker")
        WORKING = "working", _("is being taken in")
        DONE = "done", _("in the replay")
        EMPTY = "empty", _("nothing of it was on air")
        FAILED = "failed", _("failed")

    UNFINISHED = ("waiting", "working")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    airing = models.ForeignKey("rooms.Airing", verbose_name=_("show"), on_delete=models.CASCADE, related_name="+")
    folder = models.CharField(max_length=120, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    progress_permille = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField()
    runs = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True)
    error_params = models.JSONField(default=dict)
    detail = models.TextField(blank=True)
    pieces = models.JSONField(default=list)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    duration_ms = models.PositiveIntegerField(default=0)
    size_bytes = models.BigIntegerField(_("size"), default=0)
    created_at = models.DateTimeField(_("recorded"))
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "rooms"
        db_table = "recording"
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["airing", "created_at"], name="recording_of_airing"),
            models.Index(fields=["state", "heartbeat_at"], name="recording_due"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["waiting", "working", "done", "empty", "failed"]), name="recording_state_known"),
            models.CheckConstraint(condition=Q(progress_permille__lte=1000), name="recording_progress"),
            models.CheckConstraint(condition=~Q(state="working") | Q(claim__isnull=False), name="recording_working_is_claimed"),
        ]

    def __str__(self) -> str:
        return f"{self.folder} {self.state}"
