"""Who asked to come on stage, and what became of it."""

from django.db import models

from merchants.foundation.ids import new_id
from rooms.live.stage.states import MOST_GUESTS, Ending, Standing

_SENDING = [Standing.BACKSTAGE, Standing.ON_STAGE]


class StageGuest(models.Model):
    """One request, from asking to its end. The id names the guest's line of the media plane.

    `place` is the guest's tile, from 1; only who may send has one. `silent_since`: since when nothing is heard of the line,
    None while it is. `has_picture` False: voice only. An ended row stays for the audit, and never comes back.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="+")
    viewer_id = models.CharField(max_length=40)
    nickname = models.CharField(max_length=24)
    has_picture = models.BooleanField()
    standing = models.CharField(max_length=10, choices=Standing.choices)
    place = models.PositiveSmallIntegerField(null=True)
    is_muted = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    silent_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=10, choices=Ending.choices, blank=True)

    class Meta:
        db_table = "stage_guest"
        ordering = ["id"]
        indexes = [models.Index(fields=["room"], condition=~models.Q(standing=Standing.OVER), name="stage_guest_open")]
        constraints = [
            models.UniqueConstraint(fields=["room", "viewer_id"], condition=~models.Q(standing=Standing.OVER), name="stage_guest_once"),
            models.UniqueConstraint(fields=["room", "place"], condition=models.Q(place__isnull=False), name="stage_place_once"),
            models.CheckConstraint(condition=models.Q(standing__in=Standing.values), name="stage_guest_standing_known"),
            models.CheckConstraint(
                condition=models.Q(standing__in=_SENDING, place__isnull=False, place__range=(1, MOST_GUESTS))
                | (~models.Q(standing__in=_SENDING) & models.Q(place=None)),
                name="stage_guest_sends_in_a_place",
            ),
            models.CheckConstraint(
                condition=models.Q(standing=Standing.OVER, ended_at__isnull=False, ending__in=Ending.values)
                | (~models.Q(standing=Standing.OVER) & models.Q(ended_at=None, ending="")),
                name="stage_guest_ends_for_a_reason",
            ),
            models.CheckConstraint(condition=models.Q(standing__in=_SENDING) | models.Q(is_muted=False), name="stage_guest_muted_while_sending"),
        ]

    def __str__(self) -> str:
        return f"{self.nickname} {self.standing}"
