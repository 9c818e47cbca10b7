"""Letters with the figures of a show or a week, and who wants none."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id


class InsightLetter(models.Model):
    """A letter that is owed to one person, once. `subject` is the show's id, or the week (`2026-W48`); the days are the shop's, both included."""

    class Kind(models.TextChoices):
        SHOW = "show", _("After a show")
        WEEK = "week", _("Every week")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    subject = models.CharField(max_length=40)
    person_id = models.UUIDField()
    room_id = models.UUIDField(null=True)
    since = models.DateField()
    until = models.DateField()
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "insight_letter"
        constraints = [models.UniqueConstraint(fields=["kind", "subject", "person_id"], name="insight_letter_once")]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(sent_at=None), name="insight_letter_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class LetterRefusal(models.Model):
    """Somebody who wants no letters. Owners and finance get them until they say so."""

    person_id = models.UUIDField(primary_key=True)
    refused_at = models.DateTimeField()

    class Meta:
        db_table = "insight_letter_refusal"

    def __str__(self) -> str:
        return str(self.person_id)
