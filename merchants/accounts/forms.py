"""Forms of sign-up and joining."""

from django import forms
from django.utils.translation import gettext_lazy as _

from merchants.tenants.zones import validate_time_zone

CURRENCIES = ("USD", "EUR", "GBP", "CNY", "HKD", "JPY", "SGD", "AUD", "CAD")


class SignUpForm(forms.Form):
    """What a merchant gives to open a shop."""

    shop_name = forms.CharField(label=_("Shop name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    subdomain = forms.CharField(
        label=_("Address"),
        max_length=30,
        help_text=_("3 to 30 letters a–z, digits or hyphens."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    owner_name = forms.CharField(label=_("Your name"), max_length=80, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), help_text=_("At least 8 characters.")
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES])
    time_zone = forms.CharField(label=_("Time zone"), max_length=40, initial="UTC", validators=[validate_time_zone])


class JoinForm(forms.Form):
    """What an invited colleague gives."""

    name = forms.CharField(label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
