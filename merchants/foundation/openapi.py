"""How the API's documentation describes our authentication."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class SessionScheme(OpenApiAuthenticationExtension):
    """The shop's session cookie; unsafe methods carry the CSRF token in `X-CSRFToken`. Guests send no session."""

    target_class = "merchants.foundation.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "session"}
