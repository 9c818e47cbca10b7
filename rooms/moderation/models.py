"""Words that the shop refuses; people who may not write or not come in."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id
from rooms.moderation.words import fold


class RefusedWord(models.Model):
    """`folded` is what messages are compared with: see `words.fold`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    text = models.CharField(_("word"), max_length=60)
    folded = models.CharField(max_length=120, unique=True, editable=False)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        db_table = "refused_word"
        verbose_name = _("refused word")
        verbose_name_plural = _("refused words")
        ordering = ["text"]
        constraints = [models.CheckConstraint(condition=~models.Q(folded=""), name="refused_word_says_something")]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: object, **kwargs: object) -> None:
        self.folded = fold(self.text)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Restriction(models.Model):
    """A mute binds one room, a ban the whole shop. `until` None means until it is lifted; the newest of a viewer counts."""

    class Kind(models.TextChoices):
        MUTE = "mute", _("mute")
        BAN = "ban", _("ban")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind.choices)
    room = models.ForeignKey("rooms.Room", verbose_name=_("room"), null=True, on_delete=models.CASCADE, related_name="+")
    viewer_id = models.CharField(_("viewer"), max_length=40)
    nickname = models.CharField(_("nickname"), max_length=24, blank=True)
    until = models.DateTimeField(_("until"), null=True)
    by = models.CharField(_("by"), max_length=200)
    created_at = models.DateTimeField(_("since"))
    lifted_at = models.DateTimeField(_("lifted"), null=True)

    class Meta:
        db_table = "restriction"
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["viewer_id", "kind"], condition=models.Q(lifted_at=None), name="restriction_stands")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="mute", room__isnull=False) | models.Q(kind="ban", room__isnull=True), name="restriction_scope"
            ),
            models.UniqueConstraint(fields=["room", "viewer_id"], condition=models.Q(kind="mute", lifted_at=None), name="mute_once"),
            models.UniqueConstraint(fields=["viewer_id"], condition=models.Q(kind="ban", lifted_at=None), name="ban_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.nickname or self.viewer_id}"
