"""`/_sandbox/fail-next`: the next matching API calls fail in a chosen way, before or after their work is committed."""

from dataclasses import dataclass

from commerce.sandbox.wire.errors import ApiError, Json, invalid_param

MODES = ("error_500", "error_500_after_commit", "timeout_after_commit", "disconnect_after_commit", "rate_limit")
MOST_FAULTS = 100


@dataclass
class Fault:
    """One armed fault.

    method and path: what it waits for; the path is a prefix such as `/v1/checkout/sessions`. left: how many calls it still hits.
    hold_ms: how long a timeout keeps the caller waiting before the connection is closed.
    replay: what a repeated idempotency key gets after `error_500_after_commit`: the `error` (as at Stripe) or the `result`.
    """

    mode: str
    method: str
    path: str
    left: int
    hold_ms: int
    replay: str

    def hits(self, method: str, path: str) -> bool:
        """Is this the call it waits for?"""
        return self.left > 0 and self.method in ("*", method) and path.startswith(self.path)


class Faults:
    """The armed faults of this process, in the order they were set."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []

    def arm(self, values: Json) -> Fault:
        """Add one. Raises: ApiError 400."""
        if values.get("mode") not in MODES:
            raise invalid_param(f"mode must be one of {', '.join(MODES)}", "mode")
        if len(self._armed) >= MOST_FAULTS:
            raise invalid_param(f"At most {MOST_FAULTS} faults can be armed.", "mode")
        fault = Fault(
            mode=values["mode"],
            method=str(values.get("method", "POST")).upper(),
            path=str(values.get("path", "/v1/")),
            left=_count(values, "count", 1, 1000),
            hold_ms=_count(values, "hold_ms", 100_000, 600_000),
            replay="result" if values.get("replay") == "result" else "error",
        )
        self._armed.append(fault)
        return fault

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault this call runs into; it is used up by one."""
        for fault in self._armed:
            if fault.hits(method, path):
                fault.left -= 1
                self._armed = [one for one in self._armed if one.left > 0]
                return fault
        return None

    def clear(self) -> None:
        """Disarm all."""
        self._armed = []

    def as_body(self) -> Json:
        """What is armed."""
        return {"armed": [vars(fault) for fault in self._armed]}


def internal_error() -> ApiError:
    """Stripe's 500."""
    return ApiError(500, "api_error", "An unknown error occurred while handling your request. (armed by /_sandbox/fail-next)")


def raise_before(fault: Fault | None) -> None:
    """The modes that keep the call from being executed at all. Raises: ApiError 500 or 429."""
    if fault is None:
        return
    if fault.mode == "error_500":
        raise ApiError(500, "api_error", internal_error().message, is_remembered=False)
    if fault.mode == "rate_limit":
        raise ApiError(429, "invalid_request_error", "Request rate limit exceeded.", code="rate_limit", is_remembered=False)


def _count(values: Json, name: str, default: int, most: int) -> int:
    value = values.get(name, default)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise invalid_param(f"{name} must be a whole number from 1 to {most}.", name)
    return value
