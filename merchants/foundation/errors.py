"""Anticipated refusals. One handler for REST, one for sockets, the same codes."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refusal that a person can act on: what happened, why, and what to do next, in their language.

    Subclasses set `code` (stable, snake_case), `http_status` and `text` (may hold `%(name)s` of `params`).
    """

    code: ClassVar[str] = "refused"
    http_status: ClassVar[int] = 400
    text: ClassVar[str | Promise] = _("That did not work. Try again.")

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(self.code)

    @property
    def message(self) -> str:
        return str(self.text) % self.params

    def as_payload(self) -> dict[str, Any]:
        """Shape: {"code": str, "message": str, "params": {str: json}}."""
        return {"code": self.code, "message": self.message, "params": {name: _as_json(value) for name, value in self.params.items()}}

    def __str__(self) -> str:
        return self.message


def _as_json(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


class InvalidInput(DomainError):
    """`field` names the input that is wrong, `reason` says how, already translated."""

    code = "invalid_input"
    http_status = 422
    text = _("%(field)s: %(reason)s")


class Unauthenticated(DomainError):
    code = "sign_in_required"
    http_status = 401
    text = _("Please sign in first.")


class Forbidden(DomainError):
    code = "forbidden"
    http_status = 403
    text = _("Your role does not allow this. Ask the owner of the shop.")


class NotFound(DomainError):
    code = "not_found"
    http_status = 404
    text = _("This does not exist, or no longer.")


class Conflict(DomainError):
    code = "conflict"
    http_status = 409
    text = _("Somebody changed this meanwhile. Reload and try again.")


class TooManyRequests(DomainError):
    """`retry_after_s`: whole seconds until the next attempt may succeed."""

    code = "too_many_requests"
    http_status = 429
    text = _("Too many at once. Try again in %(retry_after_s)s seconds.")


class Unavailable(DomainError):
    code = "unavailable"
    http_status = 503
    text = _("A part of the shop does not answer right now. Try again in a moment; nothing was lost.")
