"""Viewer events and what is rolled up from them: shared tables with `tenant_id`, guarded by row-level security.

The policy of every table compares `tenant_id` with the first schema of the connection's search path, which
`merchants.foundation.tenancy` binds. Outside of a shop it matches nothing.
"""

from django.db import models


class Event(models.Model):
    """One event, once: the table is partitioned by day of `at`. `value` and the three words depend on the kind.

    The migration makes this table by hand. `place` is the second of the story (see `kinds.place_of`), None outside of it.
    """

    pk = models.CompositePrimaryKey("id", "at")
    id = models.UUIDField()
    room_id = models.UUIDField()
    viewer_id = models.UUIDField()
    session_id = models.UUIDField(null=True)
    season_id = models.UUIDField(null=True)
    episode_id = models.UUIDField(null=True)
    cue_id = models.UUIDField(null=True)
    product_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    value = models.BigIntegerField(null=True)
    program_seq = models.IntegerField()
    position_ms = models.IntegerField()
    place = models.IntegerField(null=True)
    kind = models.SmallIntegerField()
    tenant_id = models.CharField(max_length=63)
    surface = models.TextField(null=True)  # noqa: DJ001  a word of one kind of event: nulls take no room in the others' rows
    source = models.TextField(null=True)  # noqa: DJ001
    variant = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        db_table = "insights_event"
        managed = False

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class SessionFact(models.Model):
    """One visit. `*_ms` of the steps are milliseconds after `entered_at`, each the first one that follows the step before it."""

    pk = models.CompositePrimaryKey("tenant_id", "session_id")
    tenant_id = models.CharField(max_length=63)
    session_id = models.UUIDField()
    room_id = models.UUIDField()
    viewer_id = models.UUIDField()
    season_id = models.UUIDField(null=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    entered_at = models.DateTimeField(null=True)
    watched_ms = models.BigIntegerField(db_default=0)
    revenue_minor = models.BigIntegerField(db_default=0)
    play_ms = models.IntegerField(null=True)
    cue_ms = models.IntegerField(null=True)
    click_ms = models.IntegerField(null=True)
    bag_ms = models.IntegerField(null=True)
    checkout_ms = models.IntegerField(null=True)
    paid_ms = models.IntegerField(null=True)
    first_place = models.IntegerField(null=True)
    furthest_place = models.IntegerField(null=True)
    orders = models.IntegerField(db_default=0)
    danmaku = models.IntegerField(db_default=0)
    likes = models.IntegerField(db_default=0)
    gifts = models.IntegerField(db_default=0)
    clicks = models.IntegerField(db_default=0)
    stalled_ms = models.BigIntegerField(db_default=0)
    on_day = models.DateField()
    surface = models.CharField(max_length=8, db_default="")
    source = models.CharField(max_length=40, db_default="")
    variant = models.CharField(max_length=120, db_default="")

    class Meta:
        db_table = "insights_session_fact"
        indexes = [
            models.Index(fields=["tenant_id", "room_id", "viewer_id"], name="session_fact_of_viewer"),
            models.Index(fields=["tenant_id", "room_id", "on_day"], name="session_fact_of_room"),
            models.Index(fields=["tenant_id", "viewer_id", "first_at"], name="session_fact_by_viewer"),
            models.Index(fields=["tenant_id", "season_id"], name="session_fact_of_season"),
        ]

    def __str__(self) -> str:
        return str(self.session_id)


class CueFact(models.Model):
    """One cue in one visit, from its first showing on. `*_ms` are milliseconds after `shown_at`."""

    pk = models.CompositePrimaryKey("tenant_id", "session_id", "cue_id")
    tenant_id = models.CharField(max_length=63)
    session_id = models.UUIDField()
    cue_id = models.UUIDField()
    room_id = models.UUIDField()
    episode_id = models.UUIDField(null=True)
    shown_at = models.DateTimeField()
    click_ms = models.IntegerField(null=True)
    bag_ms = models.IntegerField(null=True)
    checkout_ms = models.IntegerField(null=True)
    paid_ms = models.IntegerField(null=True)

    class Meta:
        db_table = "insights_cue_fact"
        indexes = [
            models.Index(fields=["tenant_id", "cue_id"], name="cue_fact_of_cue"),
            models.Index(fields=["tenant_id", "episode_id"], name="cue_fact_of_episode"),
        ]

    def __str__(self) -> str:
        return f"{self.cue_id} {self.session_id}"


class RetentionBucket(models.Model):
    """Visits whose view of the story began at this place, and those that came no further."""

    pk = models.CompositePrimaryKey("tenant_id", "room_id", "season_id", "on_day", "source", "variant", "place")
    tenant_id = models.CharField(max_length=63)
    room_id = models.UUIDField()
    season_id = models.UUIDField()
    on_day = models.DateField()
    source = models.CharField(max_length=40)
    variant = models.CharField(max_length=120)
    place = models.IntegerField()
    began = models.IntegerField()
    ended = models.IntegerField()

    class Meta:
        db_table = "insights_retention_bucket"

    def __str__(self) -> str:
        return f"{self.place} {self.on_day}"


class DailyFact(models.Model):
    """A room's day: visits that began on it."""

    pk = models.CompositePrimaryKey("tenant_id", "room_id", "on_day", "source", "variant")
    tenant_id = models.CharField(max_length=63)
    room_id = models.UUIDField()
    on_day = models.DateField()
    source = models.CharField(max_length=40)
    variant = models.CharField(max_length=120)
    sessions = models.IntegerField()
    paid_sessions = models.IntegerField()
    orders = models.IntegerField()
    danmaku = models.IntegerField()
    likes = models.BigIntegerField()
    gifts = models.BigIntegerField()
    clicks = models.IntegerField()
    watched_ms = models.BigIntegerField()
    stalled_ms = models.BigIntegerField()
    revenue_minor = models.BigIntegerField()

    class Meta:
        db_table = "insights_daily_fact"

    def __str__(self) -> str:
        return f"{self.on_day} {self.room_id}"


class ViewerFact(models.Model):
    """All visits of a viewer to a room in one variant: the unit of statistics. Squares are summed from these rows."""

    pk = models.CompositePrimaryKey("tenant_id", "room_id", "variant", "viewer_id")
    tenant_id = models.CharField(max_length=63)
    room_id = models.UUIDField()
    variant = models.CharField(max_length=120)
    viewer_id = models.UUIDField()
    sessions = models.IntegerField()
    orders = models.IntegerField()
    clicks = models.IntegerField()
    interactions = models.BigIntegerField()
    watched_ms = models.BigIntegerField()
    revenue_minor = models.BigIntegerField()

    class Meta:
        db_table = "insights_viewer_fact"

    def __str__(self) -> str:
        return str(self.viewer_id)


class Report(models.Model):
    """A computed report. `inputs_digest` names what it was computed from: the same digest, the same report."""

    pk = models.CompositePrimaryKey("tenant_id", "kind", "room_id")
    tenant_id = models.CharField(max_length=63)
    kind = models.CharField(max_length=20)
    room_id = models.UUIDField()
    inputs_digest = models.CharField(max_length=64)
    body = models.JSONField()
    computed_at = models.DateTimeField()

    class Meta:
        db_table = "insights_report"

    def __str__(self) -> str:
        return f"{self.kind} {self.room_id}"
