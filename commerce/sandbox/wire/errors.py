"""Stripe's error object, https://docs.stripe.com/api/errors: the type decides the SDK's exception class."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer that is an error.

    `commits` keeps what the call has written (a declined charge is a fact); otherwise everything is rolled back.
    `is_remembered` stores the answer under the idempotency key; Stripe does not store what failed validation.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        commits: bool = False,
        is_remembered: bool = True,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message
        self.code = code
        self.param = param
        self.commits = commits
        self.is_remembered = is_remembered
        self.extra = extra

    def as_body(self) -> Json:
        """`{"error": {...}}` with only the keys that say something, as Stripe sends them."""
        error: Json = {"type": self.kind, "message": self.message}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        error.update({key: value for key, value in self.extra.items() if value is not None})
        return {"error": error}


def invalid_param(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """An incoming parameter is wrong: 400, nothing executed, nothing remembered."""
    return ApiError(400, "invalid_request_error", message, code=code, param=param, is_remembered=False)


def refused(message: str, code: str | None = None, **extra: Any) -> ApiError:
    """The request is well formed but the object's state forbids it: 400."""
    return ApiError(400, "invalid_request_error", message, code=code, **extra)


def missing(kind: str, identifier: str, param: str = "id") -> ApiError:
    """No such object in the acting account: 404. The same answer whether it never existed or belongs to another account."""
    name = kind.replace(".", " ").replace("_", " ")
    return ApiError(404, "invalid_request_error", f"No such {name}: '{identifier}'", code="resource_missing", param=param)


def unauthorised(message: str) -> ApiError:
    """The key is absent or refused: 401."""
    return ApiError(401, "invalid_request_error", message, is_remembered=False)


def forbidden(message: str, code: str | None = None) -> ApiError:
    """The key is good but may not do this: 403."""
    return ApiError(403, "invalid_request_error", message, code=code, is_remembered=False)
