"""Uploads, sources, jobs and the keys of encrypted episodes."""

from django.db import models
from django.db.models import F, Q

from merchants.foundation.ids import new_id


class Upload(models.Model):
    """A file on its way in, by the tus protocol. Bytes up to `offset_bytes` are on disk.

    `refusal_code` is set when the probe did not take the finished file.
    """

    class State(models.TextChoices):
        OPEN = "open"
        FINISHED = "finished"
        REFUSED = "refused"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    episode = models.ForeignKey("dramas.Episode", on_delete=models.CASCADE, related_name="+")
    filename = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, blank=True)
    size_bytes = models.BigIntegerField()
    offset_bytes = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    refusal_code = models.CharField(max_length=60, blank=True)
    refusal_params = models.JSONField(default=dict)
    started_by = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "dramas"
        db_table = "upload"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "expires_at"], name="upload_due")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["open", "finished", "refused", "cancelled"]), name="upload_state_known"),
            models.CheckConstraint(condition=Q(offset_bytes__gte=0, offset_bytes__lte=F("size_bytes")), name="upload_offset_inside"),
        ]

    def __str__(self) -> str:
        return f"{self.filename} {self.offset_bytes}/{self.size_bytes}"


class Source(models.Model):
    """A file that passed the probe: an episode's master. `name` is its path below the shop's folder of sources; `probe` is `Probe.as_json()`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    episode = models.ForeignKey("dramas.Episode", on_delete=models.CASCADE, related_name="+")
    filename = models.CharField(max_length=200)
    name = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    probe = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        app_label = "dramas"
        db_table = "episode_source"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.filename} {self.sha256[:12]}"


class TranscodeJob(models.Model):
    """The work from one source to a published edition.

    `claim` is the token of the worker that has it; `heartbeat_at` is its sign of life. `runs` counts claims, `progress_permille`
    never falls within a run. `with_preview` is false when an older complete edition stays on air meanwhile.
    At most one job per episode is unfinished.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    UNFINISHED = ("queued", "running")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="jobs")
    episode = models.ForeignKey("dramas.Episode", on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    step = models.CharField(max_length=20, blank=True)
    progress_permille = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    runs = models.PositiveSmallIntegerField(default=0)
    with_preview = models.BooleanField(default=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_params = models.JSONField(default=dict)
    detail = models.TextField(blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "dramas"
        db_table = "transcode_job"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "heartbeat_at"], name="transcode_job_due")]
        constraints = [
            models.UniqueConstraint(fields=["episode"], condition=Q(state__in=["queued", "running"]), name="transcode_job_one_at_work"),
            models.CheckConstraint(condition=Q(state__in=["queued", "running", "done", "failed", "cancelled"]), name="transcode_job_state_known"),
            models.CheckConstraint(condition=Q(progress_permille__lte=1000), name="transcode_job_progress"),
            models.CheckConstraint(condition=~Q(state="running") | Q(claim__isnull=False), name="transcode_job_running_is_claimed"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.step} {self.progress_permille}"


class TranscodeUnit(models.Model):
    """One run of ffmpeg that a job finished: when, how long, in which run. The result itself is a file; this is its record."""

    job = models.ForeignKey(TranscodeJob, on_delete=models.CASCADE, related_name="units")
    name = models.CharField(max_length=40)
    run = models.PositiveSmallIntegerField()
    elapsed_ms = models.PositiveIntegerField()
    finished_at = models.DateTimeField()

    class Meta:
        app_label = "dramas"
        db_table = "transcode_unit"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name} in run {self.run}"


class Edition(models.Model):
    """A published version of an episode's media. `manifest` is the JSON that lies in its folder; the episode says which one is current.

    `retired_at` is when it stopped being current: its files stay a while for those who are watching it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    episode_id = models.UUIDField()
    source = models.ForeignKey(Source, on_delete=models.SET_NULL, null=True, related_name="editions")
    version = models.CharField(max_length=32)
    folder = models.CharField(max_length=200, unique=True)
    manifest = models.JSONField()
    size_bytes = models.BigIntegerField(default=0)
    published_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "dramas"
        db_table = "edition"
        ordering = ["-published_at"]
        indexes = [models.Index(fields=["episode_id", "retired_at"], name="edition_of_episode")]
        constraints = [models.UniqueConstraint(fields=["episode_id", "version"], name="edition_version_once")]

    def __str__(self) -> str:
        return self.folder


class EpisodeKey(models.Model):
    """The AES-128 key of an episode's encrypted segments, itself encrypted with a key derived from SECRET_KEY."""

    episode_id = models.UUIDField(primary_key=True)
    sealed = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        app_label = "dramas"
        db_table = "episode_key"

    def __str__(self) -> str:
        return str(self.episode_id)
