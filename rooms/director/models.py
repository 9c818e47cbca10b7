"""What the director has done."""

from django.db import models

from merchants.foundation.ids import new_id


class CueFiring(models.Model):
    """The effect of a cue on the server, once per entry of the program: the row is the proof that it happened. Append-only.

    `late_ms`: how long after its moment the director came to it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    airing = models.ForeignKey("rooms.Airing", on_delete=models.CASCADE, related_name="+")
    program_seq = models.PositiveBigIntegerField()
    cue_id = models.UUIDField()
    kind = models.CharField(max_length=24)
    position_ms = models.PositiveIntegerField()
    fired_at = models.DateTimeField()
    late_ms = models.PositiveIntegerField()
    fired_by = models.CharField(max_length=200)

    class Meta:
        db_table = "cue_firing"
        db_table_comment = "append-only"
        constraints = [models.UniqueConstraint(fields=["airing", "program_seq", "cue_id"], name="cue_fires_once_an_entry")]

    def __str__(self) -> str:
        return f"{self.program_seq} {self.kind}"
