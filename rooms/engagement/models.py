"""What the crowd wrote."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id


class Comment(models.Model):
    """`kind` "comment" is written by a viewer; "bought" is a line of the system: `text` is the product's title."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("comment")
        BOUGHT = "bought", _("bought")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="+")
    airing = models.ForeignKey("rooms.Airing", null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.COMMENT)
    viewer_id = models.CharField(max_length=40)
    nickname = models.CharField(max_length=24)
    role = models.CharField(max_length=12, blank=True)
    text = models.CharField(max_length=300)
    program_seq = models.PositiveBigIntegerField()
    position_ms = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.CharField(max_length=200, blank=True)
    once = models.CharField(max_length=80, null=True, unique=True)  # noqa: DJ001  null, since only lines of the system are named

    class Meta:
        db_table = "comment"
        ordering = ["-id"]
        indexes = [models.Index(fields=["room", "-id"], condition=models.Q(deleted_at=None), name="comment_of_room")]

    def __str__(self) -> str:
        return f"{self.nickname}: {self.text[:40]}"


class PinnedComment(models.Model):
    """The comment above a room's stack."""

    room = models.OneToOneField("rooms.Room", primary_key=True, on_delete=models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "pinned_comment"

    def __str__(self) -> str:
        return str(self.comment_id)


class Danmaku(models.Model):
    """A line at its program time. Written in batches by a task from the stream; `episode_id` is None outside episodes."""

    id = models.UUIDField(primary_key=True)
    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="+")
    airing = models.ForeignKey("rooms.Airing", on_delete=models.CASCADE, related_name="+")
    episode_id = models.UUIDField(null=True)
    program_seq = models.PositiveBigIntegerField()
    position_ms = models.PositiveIntegerField()
    viewer_id = models.CharField(max_length=40)
    nickname = models.CharField(max_length=24)
    role = models.CharField(max_length=12, blank=True)
    text = models.CharField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "danmaku"
        indexes = [
            models.Index(fields=["room", "episode_id", "position_ms"], name="danmaku_of_episode"),
            models.Index(fields=["airing", "program_seq", "position_ms"], name="danmaku_of_entry"),
        ]

    def __str__(self) -> str:
        return self.text


class HiddenDanmaku(models.Model):
    """A deleted line. Apart from the line itself, which may still be in the stream when it is deleted."""

    danmaku_id = models.UUIDField(primary_key=True)
    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="+")
    hidden_by = models.CharField(max_length=200)
    hidden_at = models.DateTimeField()

    class Meta:
        db_table = "hidden_danmaku"

    def __str__(self) -> str:
        return str(self.danmaku_id)
