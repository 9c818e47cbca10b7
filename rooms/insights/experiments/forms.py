"""Forms of the office's page of an experiment."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminSelectWidget

from merchants.foundation.errors import DomainError
from rooms.insights.experiments.kinds import Kind
from rooms.insights.experiments.models import Experiment, ExperimentVariant
from rooms.insights.experiments.payloads import LINES, Arm, CardDesign, PriceDisplay, check_payload

# Field of the payload by kind; the ladder has two of its own.
_CHOICES = {Kind.CARD_DESIGN: ("design", CardDesign), Kind.PRICE_DISPLAY: ("display", PriceDisplay), Kind.DRAMA_OR_LIVE: ("arm", Arm)}
_NOTHING = ("", "—")
_SHOWN = [
    _NOTHING,
    *((kind.label, [(f"{name}:{value}", label) for value, label in choices.choices]) for kind, (name, choices) in _CHOICES.items()),
]
_QUALITIES = [_NOTHING, *((lines, f"{lines}p") for lines in LINES)]


class VariantForm(forms.ModelForm):
    """Seconds are what people think in; the row keeps milliseconds. Of what varies, only the experiment's own kind may be filled in."""

    shift_s = forms.DecimalField(
        label=_("cards later by seconds"), required=False, min_value=-600, max_value=600, decimal_places=3, help_text=_("Below 0: earlier.")
    )
    shown = forms.ChoiceField(label=_("what it shows"), required=False, choices=_SHOWN, widget=UnfoldAdminSelectWidget)
    start = forms.ChoiceField(label=_("first quality"), required=False, choices=_QUALITIES, widget=UnfoldAdminSelectWidget)
    top = forms.ChoiceField(label=_("best quality"), required=False, choices=_QUALITIES, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = ExperimentVariant
        fields: ClassVar[list[str]] = ["number", "title", "weight"]

    def __init__(self, *args: Any, experiment: Experiment | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.experiment, payload = experiment, self.instance.payload
        self.initial.update(shift_s=self.instance.shift_ms / 1000, start=payload.get("start", ""), top=payload.get("top", ""))
        self.initial["shown"] = next((f"{name}:{payload[name]}" for name, _ in _CHOICES.values() if name in payload), "")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        name, _, value = given.get("shown", "").partition(":")
        wanted: dict[str, Any] = {name: value} if name else {}
        wanted |= {place: int(given[place]) for place in ("start", "top") if given.get(place)}
        kind = self.experiment.kind if self.experiment else ""
        try:
            given["payload"] = check_payload(kind, wanted) if kind else {}
        except DomainError as refusal:
            self.add_error("start" if kind == Kind.QUALITY_LADDER else "shown", refusal.message)
        return given

    def save(self, commit: bool = True) -> ExperimentVariant:
        self.instance.shift_ms = int((self.cleaned_data.get("shift_s") or 0) * 1000)
        self.instance.payload = self.cleaned_data["payload"]
        return super().save(commit)


class VariantFormSet(PaginationInlineFormSet):
    """Gives each form the experiment, which may not be saved yet: what varies stands in it once the page's own form is read."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"experiment": self.instance}
