"""Refusals of this slice."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import Forbidden, NotFound


class EpisodeLocked(Forbidden):
    """`number` of the episode, `variant_id` of what unlocks it (empty when nothing is for sale), `price` as text."""

    code = "episode_locked"
    text = _("Episode %(number)s is not unlocked yet. Unlock it to go on watching.")


class MediaNotFound(NotFound):
    code = "media_not_found"
    text = _("There is no such file.")
