"""Season, episode, cue, caption track, approval."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dramas.seasons.profiles import PACING, Pacing, Profile
from merchants.foundation.ids import new_id


class Season(models.Model):
    """A story in order. `state` is `draft` until its content is approved; an edit of anything that airs takes it back to `draft`."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        AIRED = "aired", _("Aired")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(_("address"), max_length=60, unique=True, help_text=_("Part of the season's link: letters, digits and hyphens."))
    title = models.CharField(_("title"), max_length=120)
    synopsis = models.TextField(_("synopsis"), max_length=2000, blank=True)
    profile = models.CharField(_("pacing"), max_length=8, choices=Profile.choices, default=Profile.CLASSIC)
    licence_line = models.CharField(
        _("licence line"), max_length=200, blank=True, help_text=_("Shown with the season: licence number, rights holder, source.")
    )
    pacing_reason = models.CharField(
        _("reason for other lengths"), max_length=300, blank=True, help_text=_("Needed when an episode is outside the pacing.")
    )
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("tags"), default=list, db_default=[], blank=True, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    submitted_by = models.CharField(max_length=200, blank=True)
    submitted_at = models.DateTimeField(null=True)
    first_aired_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        app_label = "dramas"
        db_table = "season"
        verbose_name = _("season")
        verbose_name_plural = _("seasons")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["draft", "approved", "aired"]), name="season_state_known"),
            models.CheckConstraint(condition=Q(profile__in=Profile.values), name="season_profile_known"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def pacing(self) -> Pacing:
        return PACING[self.profile]

    @property
    def is_approved(self) -> bool:
        return self.state != self.State.DRAFT

    @property
    def is_published(self) -> bool:
        """Shoppers may watch it: approved, or on air before an edit took the approval back."""
        return self.is_approved or self.first_aired_at is not None


class Episode(models.Model):
    """One part of a season. `number` counts from 1 without holes.

    The media fields are written by `actions.record_transcode` alone. While a new upload is being worked on, the published
    version (`media_folder`, `media_version`) stays playable.
    """

    class Access(models.TextChoices):
        FREE = "free", _("Free")
        PAID = "paid", _("Paid")
        PRODUCT = "product", _("Unlocked by a product")

    class State(models.TextChoices):
        EMPTY = "empty", _("No video yet")
        WAITING = "waiting", _("Waiting")
        TRANSCODING = "transcoding", _("Transcoding")
        PREVIEW = "preview", _("Preview")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    season = models.ForeignKey(Season, verbose_name=_("season"), on_delete=models.CASCADE, related_name="episodes")
    number = models.PositiveSmallIntegerField(_("number"), validators=[MinValueValidator(1)])
    title = models.CharField(_("title"), max_length=120)
    synopsis = models.TextField(_("synopsis"), max_length=1000, blank=True)
    access = models.CharField(_("access"), max_length=8, choices=Access.choices, default=Access.FREE)
    unlock_variant_id = models.UUIDField(_("unlocked by"), null=True, blank=True)
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("tags"), default=list, db_default=[], blank=True, editable=False)

    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.EMPTY, editable=False)
    progress_permille = models.PositiveSmallIntegerField(default=0, editable=False)
    step = models.CharField(max_length=40, blank=True, editable=False)
    failure_code = models.CharField(max_length=60, blank=True, editable=False)
    failure_params = models.JSONField(default=dict, editable=False)

    source_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    media_version = models.CharField(max_length=64, blank=True, editable=False)
    media_folder = models.CharField(max_length=200, blank=True, editable=False)
    is_media_complete = models.BooleanField(default=False, editable=False)
    is_encrypted = models.BooleanField(default=False, editable=False)
    duration_ms = models.PositiveIntegerField(_("duration"), default=0, editable=False)
    width = models.PositiveSmallIntegerField(default=0, editable=False)
    height = models.PositiveSmallIntegerField(default=0, editable=False)
    frame_rate = models.CharField(max_length=16, blank=True, editable=False)
    renditions = models.JSONField(default=list, editable=False)
    poster = models.CharField(max_length=80, blank=True, editable=False)
    storyboard = models.CharField(max_length=80, blank=True, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        app_label = "dramas"
        db_table = "episode"
        verbose_name = _("episode")
        verbose_name_plural = _("episodes")
        ordering = ["season", "number"]
        constraints = [
            # deferred: a reorder gives every episode its new number before the constraint looks
            models.UniqueConstraint(fields=["season", "number"], name="episode_number_once", deferrable=models.Deferrable.DEFERRED),
            models.CheckConstraint(condition=Q(number__gte=1), name="episode_number_from_one"),
            models.CheckConstraint(condition=Q(progress_permille__lte=1000), name="episode_progress_permille"),
            models.CheckConstraint(condition=Q(access__in=["free", "paid", "product"]), name="episode_access_known"),
            models.CheckConstraint(condition=~Q(state="ready") | Q(is_media_complete=True, duration_ms__gt=0), name="episode_ready_has_media"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    @property
    def is_playable(self) -> bool:
        return bool(self.media_version)

    @property
    def is_free(self) -> bool:
        return self.access == self.Access.FREE

    @property
    def grants(self) -> str:
        """What a product variant must grant to unlock this episode alone."""
        return f"episode:{self.pk}"


class Cue(models.Model):
    """Something that happens at a moment of an episode. `kind` is a key of `config/cue_kinds.py`, which also reads `payload`.

    `at_ms` counts from the first frame; `product_id` is a product of this shop's catalogue.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    episode = models.ForeignKey(Episode, verbose_name=_("episode"), on_delete=models.CASCADE, related_name="cues")
    kind = models.CharField(_("kind"), max_length=24)
    at_ms = models.PositiveIntegerField(_("starts at"))
    duration_ms = models.PositiveIntegerField(_("stays for"), default=15_000)
    product_id = models.UUIDField(_("product"), null=True, blank=True)
    payload = models.JSONField(default=dict, blank=True)
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("tags"), default=list, db_default=[], blank=True, editable=False)

    class Meta:
        app_label = "dramas"
        db_table = "cue"
        verbose_name = _("cue")
        verbose_name_plural = _("cues")
        ordering = ["episode", "at_ms", "id"]
        constraints = [models.CheckConstraint(condition=Q(duration_ms__gt=0), name="cue_has_duration")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at_ms}"

    @property
    def ends_ms(self) -> int:
        return self.at_ms + self.duration_ms


class CaptionTrack(models.Model):
    """Subtitles of an episode in one language: WebVTT that has passed `captions.clean`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="captions")
    language = models.CharField(_("language"), max_length=12)
    label = models.CharField(_("name"), max_length=40)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        app_label = "dramas"
        db_table = "caption_track"
        ordering = ["language"]
        constraints = [models.UniqueConstraint(fields=["episode", "language"], name="caption_language_once")]

    def __str__(self) -> str:
        return f"{self.language} {self.episode_id}"


class Approval(models.Model):
    """A person's seal on one digest of a season. It holds until `withdrawn_at`; rows are kept for ever."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    season = models.ForeignKey(Season, on_delete=models.CASCADE, related_name="approvals")
    digest = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=200)
    approved_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=200, blank=True)

    class Meta:
        app_label = "dramas"
        db_table = "season_approval"
        ordering = ["-approved_at"]
        constraints = [
            models.UniqueConstraint(fields=["season"], condition=Q(withdrawn_at=None), name="season_one_standing_approval"),
            models.CheckConstraint(condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("approved_at")), name="approval_withdrawn_after"),
        ]

    def __str__(self) -> str:
        return f"{self.digest[:12]} {self.season_id}"
