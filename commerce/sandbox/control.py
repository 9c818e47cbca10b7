"""`/_sandbox/…`: faults, time and deliveries, for tests and drills. JSON in, JSON out, with the secret key.

JSON bodies and the key keep other sites' pages out: neither can be sent across origins without a permission we never give.
"""

from collections.abc import Callable

from commerce.sandbox.context import Context
from commerce.sandbox.objects import payouts, webhook_endpoints
from commerce.sandbox.objects.accounts import ensure_platform, require_connected
from commerce.sandbox.payments.balance import totals
from commerce.sandbox.webhooks import queue
from commerce.sandbox.wire.errors import ApiError, Json, invalid_param, missing
from commerce.sandbox.wire.http import Answer, Request, error_answer, json_answer
from commerce.sandbox.wire.keys import read_key, require_secret
from commerce.sandbox.world import World

LONGEST_JUMP_S = 400 * 24 * 3600


def answer_control(world: World, request: Request) -> Answer:
    """Answer a control call. Runs on the writer thread."""
    try:
        key = read_key(request.headers.get("authorization", ""))
        require_secret(key)
        if request.body and not request.is_json:
            raise invalid_param("Control calls take JSON: send Content-Type: application/json.")
        handler = _CALLS.get((request.method, request.path))
        if handler is None:
            raise ApiError(404, "invalid_request_error", f"Unrecognized control call ({request.method}: {request.path}).")
        with world.store.transaction():
            ensure_platform(world.store, world.clock, key.platform)
            body = handler(world, world.context(key.platform, key.platform), request.json())
        return json_answer(body)
    except ApiError as error:
        return error_answer(error)


def _knobs(world: World, ctx: Context, values: Json) -> Json:
    world.knobs = world.knobs.turned(values)
    return world.knobs.as_body()


def _show_knobs(world: World, ctx: Context, values: Json) -> Json:
    return world.knobs.as_body()


def _fail_next(world: World, ctx: Context, values: Json) -> Json:
    world.faults.arm(values)
    return world.faults.as_body()


def _show_faults(world: World, ctx: Context, values: Json) -> Json:
    return world.faults.as_body()


def _clear_faults(world: World, ctx: Context, values: Json) -> Json:
    world.faults.clear()
    return world.faults.as_body()


def _clock(world: World, ctx: Context, values: Json) -> Json:
    """Time only moves forward, and stays moved after a restart."""
    step = values.get("advance_s", 0)
    if not isinstance(step, int) or not 0 <= step <= LONGEST_JUMP_S:
        raise invalid_param(f"advance_s must be a whole number from 0 to {LONGEST_JUMP_S}.", "advance_s")
    world.clock.offset_s += step
    world.store.set_setting("clock_offset_s", str(world.clock.offset_s))
    return {"now": world.clock.now(), "offset_s": world.clock.offset_s}


def _automatic_payouts(world: World, ctx: Context, values: Json) -> Json:
    """Pay out everything available, in one currency or in all."""
    account = values.get("account") or ctx.platform
    require_connected(world.store, ctx.platform, account)
    acting = ctx.acting_as(account)
    wanted = [values["currency"]] if "currency" in values else list(totals(world.store, account, ctx.now))
    made = [payout for code in wanted if (payout := payouts.create_automatic(acting, code))]
    return {"object": "list", "data": made, "has_more": False, "url": "/v1/payouts"}


def _webhooks(world: World, ctx: Context, values: Json) -> Json:
    states = queue.count_by_state(world.store)
    return {"deliveries": {name: states.get(name, 0) for name in ("pending", "delivered", "failed", "dropped", "refused")}}


def _flush(world: World, ctx: Context, values: Json) -> Json:
    return {"due_now": queue.retry_now(world.store, world.clock.now_ms())}


def _resend(world: World, ctx: Context, values: Json) -> Json:
    event = _event(world, ctx, str(values.get("event", "")))
    account = event.get("account") or ctx.platform
    return {"queued": queue.send_again(world.store, event, account=account, platform=ctx.platform, now_ms=world.clock.now_ms())}


def _event(world: World, ctx: Context, identifier: str) -> Json:
    owner = world.store.owner_of(identifier)
    if owner is None or world.store.find(ctx.platform, owner, "account") is None:
        raise missing("event", identifier, "event")
    return world.store.get(owner, "event", identifier, "event")


def _ensure_endpoint(world: World, ctx: Context, values: Json) -> Json:
    """An endpoint with a secret of the caller's choice; asking twice changes nothing."""
    address, secret = values.get("url"), values.get("secret")
    if not isinstance(address, str) or not isinstance(secret, str) or not secret.startswith("whsec_"):
        raise invalid_param("url and secret (whsec_…) are needed.", "secret")
    return webhook_endpoints.ensure(ctx, address=address, secret=secret, connect=bool(values.get("connect", False)))


_CALLS: dict[tuple[str, str], Callable[[World, Context, Json], Json]] = {
    ("GET", "/_sandbox/knobs"): _show_knobs,
    ("POST", "/_sandbox/knobs"): _knobs,
    ("GET", "/_sandbox/fail-next"): _show_faults,
    ("POST", "/_sandbox/fail-next"): _fail_next,
    ("DELETE", "/_sandbox/fail-next"): _clear_faults,
    ("GET", "/_sandbox/clock"): _clock,
    ("POST", "/_sandbox/clock"): _clock,
    ("POST", "/_sandbox/payouts"): _automatic_payouts,
    ("GET", "/_sandbox/webhooks"): _webhooks,
    ("POST", "/_sandbox/webhooks/flush"): _flush,
    ("POST", "/_sandbox/events/resend"): _resend,
    ("POST", "/_sandbox/webhook-endpoints"): _ensure_endpoint,
}
