"""Requests and answers between ASGI and the handlers."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from commerce.sandbox.wire.errors import ApiError, Json, invalid_param
from commerce.sandbox.wire.forms import decode_form

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY_BYTES = 1_000_000


@dataclass(frozen=True)
class Request:
    """One HTTP request, body read whole; header names are lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    def params(self) -> Json:
        """Query and form together, nested; a JSON body is accepted for the browser's and control endpoints.

        Raises: ApiError 400 for what cannot be decoded.
        """
        merged = decode_form(self.query)
        if not self.body:
            return merged
        try:
            text = self.body.decode()
        except UnicodeDecodeError as error:
            raise invalid_param("Invalid request: the body is not UTF-8.") from error
        return {**merged, **(_strings(_object(text)) if self.is_json else decode_form(text))}

    def json(self) -> Json:
        """The JSON object of the body, `{}` without one. Raises: ApiError 400."""
        return _object(self.body.decode(errors="replace")) if self.body else {}

    def query_value(self, name: str) -> str:
        """First value of a query parameter, or an empty string."""
        return parse_qs(self.query).get(name, [""])[0]

    @property
    def is_json(self) -> bool:
        return self.headers.get("content-type", "").startswith("application/json")

    @property
    def origin(self) -> str:
        return self.headers.get("origin", "")


@dataclass
class Answer:
    """An HTTP answer. `is_lost`: the connection is closed instead of sending it, after `hold_ms`; a fault, on request."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    is_lost: bool = False
    hold_ms: int = 0


def json_answer(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """Two-space indented JSON, as Stripe sends it."""
    return Answer(status, json.dumps(body, indent=2).encode(), headers=headers or {})


def error_answer(error: ApiError) -> Answer:
    """An error object with Stripe's advice on retrying."""
    retry = {"stripe-should-retry": "true" if error.status in (409, 429) else "false"}
    return json_answer(error.as_body(), error.status, retry)


async def read_request(scope: Scope, receive: Receive) -> Request:
    """Read the whole body. Raises: ApiError 413 beyond one megabyte."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise ApiError(413, "invalid_request_error", "Request body is larger than one megabyte.", is_remembered=False)
        chunks.append(chunk)
        if not message.get("more_body"):
            break
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, b"".join(chunks))


async def send_answer(answer: Answer, send: Send) -> None:
    """Send the answer whole."""
    plain = {"content-type": answer.content_type, "content-length": str(len(answer.body)), "x-content-type-options": "nosniff"}
    headers = plain | answer.headers
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body})


def _object(text: str) -> Json:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise invalid_param("Invalid request: the body is not valid JSON.") from error
    if not isinstance(value, dict):
        raise invalid_param("Invalid request: the body must be a JSON object.")
    return value


def _strings(value: Any) -> Any:
    """JSON as the form decoder would have given it: strings throughout, lists as digit-keyed dicts."""
    if isinstance(value, dict):
        return {key: _strings(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return {str(index): _strings(item) for index, item in enumerate(value)}
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
