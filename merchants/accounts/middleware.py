"""Hands a new guest their cookie; asks roles with power for a second factor."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from merchants.accounts.guests import COOKIE_TTL_S


class ViewerMiddleware:
    """Sets the viewer cookie when `viewer_of` made or renamed a guest in this request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        cookie = getattr(request, "_viewer_cookie", None)
        if cookie:
            response.set_cookie(
                settings.VIEWER_COOKIE_NAME, cookie, max_age=COOKIE_TTL_S, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
            )
        return response


class SecondFactorMiddleware:
    """Sends a person whose role needs a second factor (settings.SECOND_FACTOR_ROLES) to set it up before the office opens."""

    guarded = ("/admin/", "/finance/", "/insights/", "/console/", "/api/v1/console/", "/api/v1/insights/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SECOND_FACTOR_ROLES and request.path_info.startswith(self.guarded) and request.user.is_authenticated:
            role = "operator" if getattr(request.user, "is_operator", False) else request.user.role
            if role in settings.SECOND_FACTOR_ROLES and not is_mfa_enabled(request.user):
                return redirect("mfa_activate_totp")
        return self.get_response(request)
