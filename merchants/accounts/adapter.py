"""allauth's decisions that are ours."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from merchants.accounts.permissions import can
from merchants.foundation.tenancy import current_schema


class AccountAdapter(DefaultAccountAdapter):
    """Shoppers may sign up in a shop; on the platform host only operators exist, made by command."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return current_schema() != "public"

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        is_staff = can(request.user, "office.open") if current_schema() != "public" else getattr(request.user, "is_operator", False)
        return "/admin/" if is_staff else "/"

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """People have no user name: the e-mail is the sign-in."""
