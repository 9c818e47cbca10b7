"""REST: how a refusal looks. Shape of every refusal: {"error": {"code", "message", "params"}}."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback

from merchants.foundation import openapi
from merchants.foundation.errors import DomainError, Forbidden, InvalidInput, NotFound, TooManyRequests, Unauthenticated

__all__ = ["ApiView", "handle_exception", "openapi"]  # drf-spectacular finds the scheme once its module is loaded


class ApiView(APIView):
    """Base of the endpoints that guests may call; each action checks its own permission."""

    permission_classes = [AllowAny]


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an anticipated refusal into its response; anything else stays a defect (500)."""
    refusal = _as_refusal(error)
    if refusal is None:
        return None
    set_rollback()
    headers = {"Retry-After": str(refusal.params["retry_after_s"])} if "retry_after_s" in refusal.params else {}
    return Response({"error": refusal.as_payload()}, status=refusal.http_status, headers=headers)


def _as_refusal(error: Exception) -> DomainError | None:
    match error:
        case DomainError():
            return error
        case Http404():
            return NotFound()
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return Unauthenticated()
        case PermissionDenied() | exceptions.PermissionDenied():
            return Forbidden()
        case exceptions.Throttled():
            return TooManyRequests(retry_after_s=int(getattr(error, "wait", None) or 1))
        case exceptions.ValidationError():
            field, reason = _first_reason(error.detail)
            return InvalidInput(field=field, reason=reason)
        case exceptions.APIException():
            refusal = DomainError(detail=str(error.detail))
            refusal.http_status = error.status_code  # type: ignore[misc]  # this one instance keeps DRF's status
            return refusal
    return None


def _first_reason(detail: Any) -> tuple[str, str]:
    if isinstance(detail, dict):
        field, reasons = next(iter(detail.items()))
        return str(field), _first_reason(reasons)[1]
    if isinstance(detail, list):
        return "", _first_reason(detail[0])[1] if detail else ""
    return "", str(detail)
