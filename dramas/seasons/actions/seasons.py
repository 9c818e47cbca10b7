"""A season's own fields."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from dramas.seasons.actions.change import lock_season, note_change
from dramas.seasons.errors import SeasonAired, SlugTaken
from dramas.seasons.facts import EpisodeRemoved
from dramas.seasons.models import Season
from dramas.seasons.profiles import Profile
from merchants.foundation.audit import record_action
from merchants.foundation.errors import InvalidInput
from merchants.foundation.facts import emit

EDITABLE = ("title", "slug", "synopsis", "profile", "licence_line", "pacing_reason")


def create_season(
    *, actor: str, title: str, slug: str = "", profile: str = Profile.CLASSIC, synopsis: str = "", licence_line: str = "", pacing_reason: str = ""
) -> UUID:
    """Begin a draft. An empty `slug` is made from the title.

    Raises: InvalidInput, SlugTaken.
    """
    with transaction.atomic(durable=True):
        season = Season(profile=profile, synopsis=synopsis.strip(), licence_line=licence_line.strip(), pacing_reason=pacing_reason.strip())
        season.title = _required_title(title)
        season.slug = slug.strip() or _free_slug(season.title)
        _check(season)
        season.save(force_insert=True)
        record_action(actor=actor, action="season.create", subject=f"season:{season.pk}", title=season.title)
    return season.pk


def edit_season(*, actor: str, season_id: UUID, changes: dict[str, Any]) -> None:
    """Change the season's own fields: `title`, `slug`, `synopsis`, `profile`, `licence_line`, `pacing_reason`.

    Raises: SeasonNotFound, InvalidInput, SlugTaken. After commit: emits SeasonChanged.
    """
    with transaction.atomic(durable=True):
        season = lock_season(season_id)
        changed = [name for name in EDITABLE if name in changes and getattr(season, name) != changes[name]]
        for name in changed:
            setattr(season, name, str(changes[name]).strip())
        season.title = _required_title(season.title)
        _check(season)
        if changed:
            season.save()
            record_action(actor=actor, action="season.edit", subject=f"season:{season_id}", fields=", ".join(changed))
            note_change(season_id=season_id, actor=actor)


def remove_season(*, actor: str, season_id: UUID) -> None:
    """Delete a season that never aired, with its episodes.

    Raises: SeasonNotFound, SeasonAired. After commit: emits EpisodeRemoved for each episode.
    """
    with transaction.atomic(durable=True):
        season = lock_season(season_id)
        if season.first_aired_at is not None:
            raise SeasonAired
        for episode in season.episodes.all():
            emit(EpisodeRemoved(episode_id=episode.pk, season_id=season_id, media_folder=episode.media_folder))
        record_action(actor=actor, action="season.remove", subject=f"season:{season_id}", title=season.title)
        season.delete()


def _required_title(title: str) -> str:
    cleaned = " ".join(title.split())
    if not cleaned:
        raise InvalidInput(field=_("Title"), reason=_("Give the season a title."))
    return cleaned


def _free_slug(title: str) -> str:
    """`low-tide`, `low-tide-2`, …; a title without Latin letters gives `season`, `season-2`, …"""
    base = slugify(title)[:50].strip("-") or "season"
    taken = set(Season.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in [base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))] if slug not in taken)


def _check(season: Season) -> None:
    try:
        season.clean_fields(exclude={field.name for field in Season._meta.fields if field.name not in EDITABLE})
    except ValidationError as error:
        field, reasons = next(iter(error.message_dict.items()))
        raise InvalidInput(field=str(Season._meta.get_field(field).verbose_name), reason=reasons[0]) from None  # type: ignore[union-attr]
    if Season.objects.filter(slug=season.slug).exclude(pk=season.pk).exists():
        raise SlugTaken(slug=season.slug)
