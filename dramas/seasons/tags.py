"""What a season, an episode or a cue is like: a closed list, so that the same word means the same thing in every season and language.

Tags are for learning what works. They do not air, so they are no part of the seal: tagging takes no approval back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TagGroup(StrEnum):
    GENRE = "genre"
    TONE = "tone"
    SCENE = "scene"


GROUP_LABELS: Mapping[TagGroup, Promise] = {TagGroup.GENRE: _("Genre"), TagGroup.TONE: _("Tone"), TagGroup.SCENE: _("Scene")}


@dataclass(frozen=True)
class Tag:
    """`code` is stored, and never given another meaning."""

    code: str
    group: TagGroup
    label: Promise


_LISTED: Mapping[TagGroup, Mapping[str, Promise]] = {
    TagGroup.GENRE: {
        "romance": pgettext_lazy("tag", "Romance"),
        "revenge": pgettext_lazy("tag", "Revenge"),
        "comedy": pgettext_lazy("tag", "Comedy"),
        "suspense": pgettext_lazy("tag", "Suspense"),
        "family": pgettext_lazy("tag", "Family"),
        "workplace": pgettext_lazy("tag", "Workplace"),
        "costume": pgettext_lazy("tag", "Costume drama"),
        "fantasy": pgettext_lazy("tag", "Fantasy"),
    },
    TagGroup.TONE: {
        "warm": pgettext_lazy("tag", "Warm"),
        "funny": pgettext_lazy("tag", "Funny"),
        "tense": pgettext_lazy("tag", "Tense"),
        "moving": pgettext_lazy("tag", "Moving"),
        "elegant": pgettext_lazy("tag", "Elegant"),
        "bold": pgettext_lazy("tag", "Bold"),
    },
    TagGroup.SCENE: {
        "meeting": pgettext_lazy("tag", "First meeting"),
        "quarrel": pgettext_lazy("tag", "Quarrel"),
        "confession": pgettext_lazy("tag", "Confession"),
        "present": pgettext_lazy("tag", "A gift changes hands"),
        "secret": pgettext_lazy("tag", "Secret revealed"),
        "reunion": pgettext_lazy("tag", "Reunion"),
        "meal": pgettext_lazy("tag", "Meal"),
        "makeover": pgettext_lazy("tag", "Makeover"),
        "unboxing": pgettext_lazy("tag", "Unboxing"),
        "chase": pgettext_lazy("tag", "Chase"),
        "cliffhanger": pgettext_lazy("tag", "Cliffhanger"),
        "comparison": pgettext_lazy("tag", "Before and after"),
    },
}

TAGS: Mapping[str, Tag] = {
    f"{group}.{word}": Tag(f"{group}.{word}", group, label) for group, words in _LISTED.items() for word, label in words.items()
}

# What a season is as a whole, what an episode feels like, what happens at a moment.
OF_SEASONS = (TagGroup.GENRE, TagGroup.TONE)
OF_EPISODES = (TagGroup.TONE, TagGroup.SCENE)
OF_CUES = (TagGroup.SCENE,)
MOST_TAGS = 8


def list_choices(groups: tuple[TagGroup, ...]) -> list[tuple[Promise, list[tuple[str, Promise]]]]:
    """(group, [(code, label), …]) for a form."""
    return [(GROUP_LABELS[group], [(tag.code, tag.label) for tag in TAGS.values() if tag.group == group]) for group in groups]
