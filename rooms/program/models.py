"""Rooms, their shows, and the append-only program of each."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id
from rooms.program.states import SourceKind, State

SLUG = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$", _("Use small letters, digits and single hyphens."))


class Room(models.Model):
    """A place with an address. `revision` grows with every change that viewers see; it orders the messages of a room.

    `undo_*` describe the last move by hand while it may be taken back: the state before, the entry on air (`undo_seq`, None
    before a start) and the position it had reached. `lead_generation` fences off directors that lost their lease.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.CharField(_("address"), max_length=60, unique=True, validators=[SLUG], help_text=_("The room is found at /rooms/<address>/."))
    title = models.CharField(_("title"), max_length=120)
    season = models.ForeignKey("dramas.Season", verbose_name=_("season"), null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    host_name = models.CharField(_("host"), max_length=60, blank=True)
    host_avatar = models.ImageField(_("host's picture"), upload_to="hosts/", blank=True)
    scheduled_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    starts_by_itself = models.BooleanField(_("starts by itself"), default=True, help_text=_("At the scheduled time, without anybody at the console."))
    fault_episode_id = models.UUIDField(_("fault scene"), null=True, blank=True, help_text=_("Shown while the host's line is gone."))
    allows_filters = models.BooleanField(
        _("picture filters allowed"),
        default=True,
        help_text=_("Switch off where the picture proves something, as before and after a product: the console then refuses them."),
    )
    is_rehearsal = models.BooleanField(
        _("rehearsal room"),
        default=False,
        db_default=False,
        help_text=_("Only staff see it and get in. Its shows leave no replay and count nowhere; ghosts may play in it. Cannot be changed later."),
    )
    is_looping = models.BooleanField(_("loops"), default=False, help_text=_("After the last episode the first one follows."))

    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.SCHEDULED, editable=False)
    state_since_ms = models.BigIntegerField(default=0, editable=False)
    airing = models.ForeignKey("rooms.Airing", verbose_name=_("show"), null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveBigIntegerField(default=0, editable=False)
    program_seq = models.PositiveBigIntegerField(default=0, editable=False)
    slow_mode_s = models.PositiveSmallIntegerField(_("slow mode in seconds"), default=0, editable=False)

    undo_move = models.CharField(max_length=12, blank=True, editable=False)
    undo_until = models.DateTimeField(null=True, editable=False)
    undo_state = models.CharField(max_length=12, blank=True, editable=False)
    undo_seq = models.PositiveBigIntegerField(null=True, editable=False)
    undo_position_ms = models.PositiveIntegerField(default=0, editable=False)

    lead_generation = models.PositiveBigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        db_table = "room"
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering = ["scheduled_at", "created_at"]
        indexes = [models.Index(fields=["state", "scheduled_at"], name="room_state")]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="room_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["waiting", "drama", "live", "fault"]) | models.Q(airing__isnull=False), name="room_on_air_has_airing"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Airing(models.Model):
    """One show of a room, from start to end. A start that was undone leaves a withdrawn airing, which nobody sees."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="airings")
    season_id = models.UUIDField(null=True)
    title = models.CharField(max_length=120)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    likes_total = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "airing"
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["room", "-started_at"], name="airing_of_room")]

    def __str__(self) -> str:
        return f"{self.title} {self.started_at:%Y-%m-%d %H:%M}"


class ProgramEntry(models.Model):
    """From `started_at_ms` (epoch) on, the room shows `source` from `offset_ms`, at `rate` (1.0 is real time), until a later entry starts.

    `duration_ms` is the episode's length when it aired; None for what has no end. `cause` is the move behind it. Append-only.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+")
    airing = models.ForeignKey(Airing, on_delete=models.CASCADE, related_name="entries")
    seq = models.PositiveBigIntegerField()
    source_kind = models.CharField(max_length=8, choices=SourceKind.choices)
    source_id = models.UUIDField(null=True)
    started_at_ms = models.BigIntegerField()
    offset_ms = models.PositiveIntegerField(default=0)
    rate = models.FloatField(default=1.0)
    duration_ms = models.PositiveIntegerField(null=True)
    cause = models.CharField(max_length=12)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "program_entry"
        db_table_comment = "append-only"
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="entry_seq_once"),
            models.CheckConstraint(condition=models.Q(rate__gte=0.0, rate__lte=4.0), name="entry_rate"),
        ]
        indexes = [models.Index(fields=["airing", "seq"], name="entry_of_airing")]

    def __str__(self) -> str:
        return f"{self.seq} {self.source_kind}"
