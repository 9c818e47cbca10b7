"""Forms of the office. They read; the stories decide."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from commerce.catalog.queries import ProductCard
from dramas.seasons.models import Episode
from dramas.seasons.profiles import PACING, Profile
from dramas.seasons.timecode import format_length


def _pacing_choices() -> list[tuple[str, str]]:
    """Each pacing with what it asks for."""
    shape = _("%(name)s: %(least)s to %(most)s episodes of %(shortest)s to %(longest)s")
    return [
        (
            profile.value,
            str(shape)
            % {
                "name": profile.label,
                "least": PACING[profile].min_episodes,
                "most": PACING[profile].max_episodes,
                "shortest": format_length(PACING[profile].min_duration_ms),
                "longest": format_length(PACING[profile].max_duration_ms),
            },
        )
        for profile in Profile
    ]


class SeasonForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=120)
    slug = forms.SlugField(
        label=_("Address"), max_length=60, required=False, help_text=_("Part of the season's link. Left empty, it is made from the title.")
    )
    profile = forms.ChoiceField(label=_("Pacing"), choices=_pacing_choices)
    synopsis = forms.CharField(label=_("Synopsis"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    licence_line = forms.CharField(
        label=_("Licence line"), max_length=200, required=False, help_text=_("Shown with the season: licence number, rights holder, source.")
    )
    pacing_reason = forms.CharField(
        label=_("Reason for other lengths"), max_length=300, required=False, help_text=_("Needed when an episode is outside the pacing.")
    )


class EpisodeForm(forms.Form):
    """`unlocks` are the products whose variants unlock something; a choice is a variant's id."""

    title = forms.CharField(label=_("Title"), max_length=120)
    synopsis = forms.CharField(label=_("Synopsis"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    access = forms.ChoiceField(label=_("Access"), choices=Episode.Access.choices)
    unlock_variant_id = forms.ChoiceField(label=_("Unlocked by"), required=False)

    def __init__(self, *args: Any, unlocks: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unlock_variant_id"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Nothing yet")), *unlocks]

    def changes(self) -> dict[str, Any]:
        """What `edit_episode` takes. Needs: the form is valid."""
        chosen = self.cleaned_data["unlock_variant_id"]
        return self.cleaned_data | {"unlock_variant_id": UUID(chosen) if chosen else None}


class CaptionForm(forms.Form):
    language = forms.CharField(label=_("Language"), max_length=12)
    file = forms.FileField(label=_("WebVTT file"))


def unlock_choices(cards: list[ProductCard], grants: set[str]) -> list[tuple[str, str]]:
    """Variants that unlock one of `grants`, with their prices."""
    return [
        (str(variant.id), f"{card.title} {variant.title} · {variant.price.text}".replace("  ", " "))
        for card in cards
        for variant in card.variants
        if variant.grants in grants
    ]
