"""`{% upload_panel episode.id %}`: the mount of the upload panel and the state its script reads."""

from typing import Any
from uuid import UUID

from django import template
from django.urls import reverse

from dramas.transcode.limits import SourceLimits
from dramas.transcode.queries import get_work
from dramas.transcode.serializers import EpisodeWorkSerializer
from dramas.transcode.texts import upload_texts

register = template.Library()


@register.inclusion_tag("dramas/episode/_upload.html")
def upload_panel(episode_id: UUID) -> dict[str, Any]:
    state = {
        "work": EpisodeWorkSerializer(get_work(episode_id)).data,
        "uploads_url": reverse("uploads"),
        "work_url": reverse("episode-work", args=[episode_id]),
        "max_bytes": SourceLimits().max_bytes,
        "texts": upload_texts(),
    }
    return {"episode_id": episode_id, "state": state}
