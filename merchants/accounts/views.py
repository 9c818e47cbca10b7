"""Pages of accounts beyond allauth's: sign-up on the platform host, the hop, joining by invitation."""

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from merchants.accounts import actions
from merchants.accounts.errors import EmailInvalid, PasswordTooWeak
from merchants.accounts.forms import JoinForm, SignUpForm
from merchants.foundation.errors import DomainError
from merchants.foundation.throttle import take_turn
from merchants.tenants.errors import SubdomainInvalid, SubdomainTaken

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SIGN_UPS_AN_HOUR = 20
FIELD_OF_ERROR = {SubdomainInvalid: "subdomain", SubdomainTaken: "subdomain", EmailInvalid: "email", PasswordTooWeak: "password"}


def _shops() -> str:
    """Every shop's origin, for the policy: the form's answer leads to the new shop's host."""
    port = "" if settings.PUBLIC_PORT in (80, 443) else f":{settings.PUBLIC_PORT}"
    return f"{settings.PUBLIC_SCHEME}://*.{settings.ALLOWED_DOMAIN}{port}"


@csp_update({"form-action": [_shops()]})
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Open a shop; on success the browser hops to the shop's host, signed in."""
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            take_turn(f"sign-up:{request.META.get('REMOTE_ADDR')}", limit=SIGN_UPS_AN_HOUR, window_s=3600)
            signed_up = actions.sign_up_shop(**form.cleaned_data)
        except DomainError as refusal:
            form.add_error(FIELD_OF_ERROR.get(type(refusal)), refusal.message)
        else:
            return redirect(signed_up.hop_url)
    context = {"form": form, "domain": settings.ALLOWED_DOMAIN}
    return render(request, "merchants/accounts/sign_up.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
def hop(request: HttpRequest) -> HttpResponse:
    """Sign in with a single-use token of the platform host."""
    try:
        user = actions.use_hop(request.GET.get("token", ""))
    except DomainError as refusal:
        return render(request, "merchants/accounts/refused.html", {"refusal": refusal}, status=refusal.http_status)
    login(request, user, backend=BACKEND)
    return redirect("/admin/")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """An invited colleague chooses a password and is signed in."""
    try:
        person = actions.read_invitation(token)
    except DomainError as refusal:
        return render(request, "merchants/accounts/refused.html", {"refusal": refusal}, status=refusal.http_status)
    form = JoinForm(request.POST or None, initial={"name": person.name})
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.join_shop(token=token, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(FIELD_OF_ERROR.get(type(refusal)), refusal.message)
        else:
            login(request, person, backend=BACKEND)
            return redirect("/admin/")
    return render(request, "merchants/accounts/join.html", {"form": form, "person": person}, status=422 if form.errors else 200)
