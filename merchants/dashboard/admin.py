"""The frame's own office pages: people of the shop and kept mail; the operators' pages: merchants and people of the platform."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import linebreaks, urlize
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.decorators import action, display

from merchants.accounts.actions import change_role, invite_colleague
from merchants.accounts.models import KeptMail, User
from merchants.accounts.roles import Role
from merchants.dashboard.site import OfficeAdmin, PlatformAdmin, ask_first, office, platform
from merchants.foundation.errors import DomainError
from merchants.tenants.actions import create_merchant, resume_merchant, set_time_zone, suspend_merchant
from merchants.tenants.models import Domain, Merchant
from merchants.tenants.zones import validate_time_zone

HIDDEN_SCHEMAS = ("public", "template")


class InviteForm(forms.ModelForm):
    """Adding a person is inviting them: they choose their password themselves."""

    class Meta:
        model = User
        fields = ["email", "name", "role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].required = True


class RoleForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "role", "is_active"]


@admin.register(User, site=office)
class StaffAdmin(OfficeAdmin):
    """The shop's staff. Shoppers with an account are not listed."""

    area = "staff"
    list_display = ["email", "name", "show_role", "is_active", "last_login"]
    search_fields = ["email", "name"]
    ordering = ["email"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(role="")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs | {"form": RoleForm if obj else InviteForm})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["name", "role", "is_active"] if obj else ["email", "name", "role"]

    @display(description=_("role"), label=True)
    def show_role(self, user: User) -> str:
        return str(Role(user.role).label)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # people are switched off, so that what they did keeps its name

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Both writes are stories of the accounts slice; a refusal is shown and nothing is saved."""
        assert isinstance(request.user, User)
        try:
            if change:
                change_role(actor=request.user, user_id=obj.pk, role=obj.role, is_active=obj.is_active)
                User.objects.filter(pk=obj.pk).update(name=obj.name)
            else:
                obj.pk = invite_colleague(inviter=request.user, email=obj.email, role=obj.role, name=obj.name).pk
                messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": obj.email})
        except DomainError as refusal:
            self._refused = True
            messages.error(request, refusal.message)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The audit trail notes it; Django's own log needs a saved object."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return redirect("admin:accounts_user_changelist")

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return redirect("admin:accounts_user_changelist")


@admin.register(KeptMail, site=office)
class MailAdmin(OfficeAdmin):
    """Mail that was kept because no mail server is set."""

    area = "mail"
    list_display = ["sent_at", "recipient", "subject"]
    list_display_links = ["subject"]
    search_fields = ["recipient", "subject"]
    fields = readonly_fields = ["sent_at", "sender", "recipient", "subject", "show_body"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("text"))
    def show_body(self, mail: KeptMail) -> str:
        return mark_safe(linebreaks(urlize(mail.body, autoescape=True), autoescape=False))  # noqa: S308  urlize escapes first


class DomainInline(StackedInline):  # each field with its own label, which a table of fields lacks
    model = Domain
    extra = 0
    fields = ["domain", "is_primary"]


class MerchantForm(forms.ModelForm):
    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"]
        validate_time_zone(name)
        return name


@admin.register(Merchant, site=platform)
class MerchantAdmin(PlatformAdmin):
    """Merchants, their domains and quotas; suspend and resume."""

    form = MerchantForm
    list_display = ["name", "schema_name", "show_status", "currency", "time_zone", "viewer_quota", "created_at"]
    list_filter = ["status"]
    search_fields = ["name", "schema_name", "domains__domain"]
    inlines = [DomainInline]
    readonly_fields = ["schema_name", "status", "suspended_reason", "stripe_account", "created_at"]
    fields = [
        "name",
        "schema_name",
        "status",
        "suspended_reason",
        "accent",
        "currency",
        "time_zone",
        "media_quota_bytes",
        "viewer_quota",
        "stripe_account",
    ]
    add_fields = ["name", "schema_name", "currency", "time_zone", "accent"]
    actions_detail = ["suspend", "resume"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(schema_name__in=HIDDEN_SCHEMAS)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else self.add_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else []

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else []

    @display(description=_("status"), label={"open": "success", "suspended": "danger"})
    def show_status(self, merchant: Merchant) -> tuple[str, str]:
        return merchant.status, str(merchant.get_status_display())

    def save_model(self, request: HttpRequest, obj: Merchant, form: Any, change: bool) -> None:
        if change:
            wanted, obj.time_zone = obj.time_zone, form.initial["time_zone"]
            super().save_model(request, obj, form, change)
            set_time_zone(schema=obj.schema_name, time_zone=wanted)
            return
        try:
            made = create_merchant(
                name=obj.name, subdomain=obj.schema_name.replace("_", "-"), currency=obj.currency, time_zone=obj.time_zone, accent=obj.accent
            )
        except DomainError as refusal:
            messages.error(request, refusal.message)
            return
        obj.pk = Merchant.objects.get(schema_name=made.schema).pk

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """A refused merchant has no row to log."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return redirect("admin:tenants_merchant_changelist")

    @action(description=_("Suspend"))
    def suspend(self, request: HttpRequest, object_id: int) -> HttpResponse:
        merchant = get_object_or_404(self.get_queryset(request), pk=object_id)
        question = _("Suspend %(shop)s?") % {"shop": merchant.name}
        consequence = _("Visitors see a plain page within seconds and tasks stop. Nothing is deleted; you can resume it at any time.")
        back = reverse("admin:tenants_merchant_change", args=[object_id])
        if page := ask_first(self, request, question=question, consequence=consequence, deed=_("Suspend"), back=back):
            return page
        suspend_merchant(schema=merchant.schema_name, reason=str(request.user))
        messages.success(request, _("%(shop)s is suspended. Visitors see a plain page; nothing was deleted.") % {"shop": merchant.name})
        return redirect("admin:tenants_merchant_change", object_id)

    @action(description=_("Resume"))
    def resume(self, request: HttpRequest, object_id: int) -> HttpResponse:
        merchant = get_object_or_404(self.get_queryset(request), pk=object_id)
        question = _("Let %(shop)s open again?") % {"shop": merchant.name}
        back = reverse("admin:tenants_merchant_change", args=[object_id])
        if page := ask_first(self, request, question=question, consequence=_("Its pages answer again within seconds."), deed=_("Resume"), back=back):
            return page
        resume_merchant(schema=merchant.schema_name)
        messages.success(request, _("%(shop)s is open again.") % {"shop": merchant.name})
        return redirect("admin:tenants_merchant_change", object_id)


@admin.register(KeptMail, site=platform)
class PlatformMailAdmin(PlatformAdmin):
    list_display = ["sent_at", "recipient", "subject"]
    list_display_links = ["subject"]
    fields = readonly_fields = ["sent_at", "sender", "recipient", "subject", "body"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
