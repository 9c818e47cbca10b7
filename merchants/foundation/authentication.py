"""REST: who asks. Apart from `http.py`, since DRF's views import it while they load."""

from typing import Any

from rest_framework.authentication import SessionAuthentication as DrfSessionAuthentication


class SessionAuthentication(DrfSessionAuthentication):
    """The shop's session cookie, with CSRF for every unsafe method, guests included."""

    def authenticate(self, request: Any) -> Any:
        user = getattr(request._request, "user", None)
        self.enforce_csrf(request)
        return (user, None) if user and user.is_active and user.is_authenticated else None

    def authenticate_header(self, request: Any) -> str:
        return "Session"
