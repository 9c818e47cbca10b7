"""Subtitle tracks."""

import hashlib
import re
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from dramas.seasons.actions.change import lock_episode, note_change
from dramas.seasons.captions import clean_captions
from dramas.seasons.models import CaptionTrack
from merchants.foundation.audit import record_action
from merchants.foundation.errors import InvalidInput

LANGUAGE = re.compile(r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?$")  # enough of BCP 47 for a subtitle menu: zh, zh-Hans, pt-BR
MOST_LANGUAGES = 20
# A language's own name for itself, as players list them.
OWN_NAMES = {
    "en": "English", "zh": "中文", "zh-hans": "简体中文", "zh-hant": "繁體中文", "de": "Deutsch", "es": "Español", "fr": "Français",
    "id": "Bahasa Indonesia", "it": "Italiano", "ja": "日本語", "ko": "한국어", "pt": "Português", "pt-br": "Português (Brasil)",
    "ru": "Русский", "th": "ไทย", "vi": "Tiếng Việt",
}  # fmt: skip


def put_captions(*, actor: str, episode_id: UUID, language: str, data: bytes, label: str = "") -> int:
    """Set the subtitles of one language from a WebVTT file; the number of subtitles kept.

    Raises: EpisodeNotFound, InvalidInput (language), CaptionsInvalid (line, reason). After commit: emits SeasonChanged.
    """
    if not LANGUAGE.match(language):
        raise InvalidInput(field=_("Language"), reason=_("Write a language code such as en, zh-Hans or pt-BR."))
    clean = clean_captions(data)
    with transaction.atomic(durable=True):
        episode = lock_episode(episode_id)
        others = CaptionTrack.objects.filter(episode_id=episode_id).exclude(language=language)
        if others.count() >= MOST_LANGUAGES:
            raise InvalidInput(field=_("Language"), reason=_("At most %(most)s languages.") % {"most": MOST_LANGUAGES})
        name = label.strip()[:40] or OWN_NAMES.get(language.lower(), language)
        digest = hashlib.sha256(clean.text.encode()).hexdigest()
        CaptionTrack.objects.update_or_create(
            episode_id=episode_id, language=language, defaults={"label": name, "text": clean.text, "sha256": digest}
        )
        details = {"number": episode.number, "language": language, "count": clean.cue_count}
        record_action(actor=actor, action="captions.put", subject=f"season:{episode.season_id}", **details)
        note_change(season_id=episode.season_id, actor=actor)
    return clean.cue_count


def remove_captions(*, actor: str, episode_id: UUID, language: str) -> None:
    """Nothing happens when there is no such track. Raises: EpisodeNotFound."""
    with transaction.atomic(durable=True):
        episode = lock_episode(episode_id)
        removed, _models = CaptionTrack.objects.filter(episode_id=episode_id, language=language).delete()
        if removed:
            record_action(actor=actor, action="captions.remove", subject=f"season:{episode.season_id}", number=episode.number, language=language)
            note_change(season_id=episode.season_id, actor=actor)
