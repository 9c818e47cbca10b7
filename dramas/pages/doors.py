"""What every office view of this slice shares: who may come in, and how a refusal is told."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from merchants.accounts.permissions import require
from merchants.foundation.errors import DomainError, Forbidden, NotFound

View = Callable[..., HttpResponse]


def office_view(permission: str, *, back: str) -> Callable[[View], View]:
    """A view for people with `permission`. A refusal becomes a message on the page it came from.

    Args:
        back: name of the page's address (`admin:dramas_season_change`); it takes the view's own arguments.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            try:
                require(request.user, permission)
                return view(request, **kwargs)
            except NotFound as refusal:
                raise Http404(refusal.message) from refusal
            except Forbidden as refusal:
                raise PermissionDenied(refusal.message) from refusal
            except DomainError as refusal:
                return _tell(request, refusal, back, kwargs)

        return run

    return decorate


def _tell(request: HttpRequest, refusal: DomainError, back: str, kwargs: dict[str, Any]) -> HttpResponse:
    if wants_fragment(request):
        return JsonResponse({"error": refusal.as_payload()}, status=refusal.http_status)
    messages.error(request, refusal.message)
    return redirect(back, *list(kwargs.values())[:1])


def wants_fragment(request: HttpRequest) -> bool:
    """Asked by a script that swaps a part of the page."""
    return request.headers.get("X-Fragment") == "1"


def actor_of(request: HttpRequest) -> str:
    """Who acts, for the audit trail. Needs: a permission was required before."""
    return str(getattr(request.user, "email", ""))
