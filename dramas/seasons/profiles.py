"""Pacing profiles: how many episodes a season has and how long each of them runs."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Profile(models.TextChoices):
    CLASSIC = "classic", _("Classic")
    MICRO = "micro", _("Micro")
    DEMO = "demo", _("Demo")
    SHORT = "short", _("Short trial")


@dataclass(frozen=True)
class Pacing:
    """Bounds of one profile, both ends included. The number of episodes binds; a length outside may air with a reason."""

    min_episodes: int
    max_episodes: int
    min_duration_ms: int
    max_duration_ms: int


PACING: dict[str, Pacing] = {
    Profile.CLASSIC: Pacing(6, 10, 180_000, 300_000),
    Profile.MICRO: Pacing(6, 10, 60_000, 120_000),
    Profile.DEMO: Pacing(6, 10, 20_000, 40_000),
    Profile.SHORT: Pacing(1, 5, 1_000, 900_000),
}
