"""Camera and microphone: off on every page but those that send live pictures, there for our own scripts alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

HEADER = "Permissions-Policy"
CLOSED = "camera=(), microphone=(), display-capture=()"
CAMERA = "camera=(self), microphone=(self), display-capture=()"
CAMERA_AND_SCREEN = "camera=(self), microphone=(self), display-capture=(self)"

View = Callable[..., HttpResponse]


class PermissionsPolicyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, CLOSED)
        return response


def _opening(policy: str) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def open_up(*args: Any, **kwargs: Any) -> HttpResponse:
            response = view(*args, **kwargs)
            response.headers[HEADER] = policy
            return response

        return open_up

    return decorate


# What the page may ask its reader for.
uses_camera = _opening(CAMERA)
uses_camera_and_screen = _opening(CAMERA_AND_SCREEN)
