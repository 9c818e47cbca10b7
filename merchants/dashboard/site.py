"""Two admin sites: a shop's office on its own host, the operators' console on the platform host.

Both run under a CSP without inline code: the theme's colours come from a stylesheet instead of django-unfold's inline block,
and only `unsafe-eval` is added, which the Alpine build inside django-unfold needs.
"""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from merchants.accounts.permissions import PERMISSIONS, can
from merchants.dashboard.panels import list_panels


class _FramedSite(UnfoldAdminSite):
    """Sign-in by allauth (second factor included), no inline style, CSP fit for Alpine."""

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        query = urlencode({"next": request.GET.get("next") or request.get_full_path()})
        return redirect("/" if request.user.is_authenticated else f"/accounts/login/?{query}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("/accounts/logout/")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {"colors": None, "border_radius": None}

    def admin_view(self, view: Callable[..., HttpResponseBase], cacheable: bool = False) -> Callable[..., HttpResponse]:
        allowed = csp_update({"script-src": ["'unsafe-eval'"]})(super().admin_view(view, cacheable))
        return allowed  # type: ignore[return-value]  # django-csp keeps only the base class of a response


class OfficeSite(_FramedSite):
    """A shop's office. Only people with a role in this shop come in."""

    settings_name = "UNFOLD_OFFICE"
    index_template = "merchants/dashboard/home.html"

    def has_permission(self, request: HttpRequest) -> bool:
        return can(request.user, "office.open")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        panels = list_panels(request.user, can)
        places = {place: [panel for panel in panels if panel.place == place] for place in ("on_air", "next", "todo", "charts")}
        return super().index(request, {"places": places, "today": timezone.localtime(), "title": _("Home"), **(extra_context or {})})


class PlatformSite(_FramedSite):
    """The operators' console on the platform host."""

    settings_name = "UNFOLD_PLATFORM"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_operator", False))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("admin:tenants_merchant_changelist")


office = OfficeSite(name="office")
platform = PlatformSite(name="platform")


def ask_first(
    model_admin: ModelAdmin, request: HttpRequest, *, question: str | Promise, consequence: str | Promise, deed: str | Promise, back: str
) -> HttpResponse | None:
    """The page that asks before a button of django-unfold, which is a link, does its deed; None when the answer is yes.

    A link that changes something could be followed by anybody's page in the name of whoever is signed in.
    """
    if request.method == "POST":
        return None
    asked = {"question": question, "consequence": consequence, "deed": deed, "back": back, "title": deed}
    return render(request, "merchants/dashboard/confirm.html", model_admin.admin_site.each_context(request) | asked)


class OfficeAdmin(ModelAdmin):
    """Base of the office's admin classes: `area = "seasons"` asks the permission table for `seasons.view` and `seasons.edit`."""

    area: str

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, f"{self.area}.view")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return f"{self.area}.edit" in PERMISSIONS and can(request.user, f"{self.area}.edit")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


class PlatformAdmin(ModelAdmin):
    """Base of the operators' admin classes."""

    def _is_operator(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_operator", False))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_operator(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_operator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_operator(request)
