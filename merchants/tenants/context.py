"""The shop, for templates."""

from typing import Any

from django.http import HttpRequest


def merchant(request: HttpRequest) -> dict[str, Any]:
    """`merchant` in every template; None on the platform host."""
    return {"merchant": getattr(request, "tenant", None)}
