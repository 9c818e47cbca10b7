"""One API call from key to answer: authenticate, recall, execute in one transaction, remember."""

import re

from commerce.sandbox import routes
from commerce.sandbox.context import API_VERSION, Context
from commerce.sandbox.faults import Fault, internal_error, raise_before
from commerce.sandbox.objects.accounts import ensure_platform, require_connected
from commerce.sandbox.objects.expand import expand
from commerce.sandbox.state import remembered
from commerce.sandbox.state.remembered import Remembered
from commerce.sandbox.wire.errors import ApiError, Json, forbidden, invalid_param, missing
from commerce.sandbox.wire.http import Answer, Request, error_answer, json_answer
from commerce.sandbox.wire.ids import new_id
from commerce.sandbox.wire.keys import Key, read_key, require_secret
from commerce.sandbox.world import World

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?")


def answer_call(world: World, request: Request) -> Answer:
    """Answer a `/v1/` request. Runs on the store's writer thread; never raises ApiError."""
    request_id = new_id("req", 14)
    try:
        answer = _execute(world, request, request_id)
    except ApiError as error:
        answer = error_answer(error)
    answer.headers |= {"request-id": request_id, "stripe-version": API_VERSION}
    if request.origin and routes.is_for_browser(request.path):
        answer.headers |= world.doors.cors(request.origin)
    return answer


def _execute(world: World, request: Request, request_id: str) -> Answer:
    key = read_key(request.headers.get("authorization", ""))
    _check_version(request.headers.get("stripe-version", API_VERSION))
    route = _route_for(world, request, key)
    ctx = _context(world, request, key, request_id)
    params = request.params()
    fault = world.faults.take(request.method, request.path)
    raise_before(fault)
    print_ = remembered.fingerprint(request.method, request.path, params)
    if ctx.idempotency_key:
        kept = remembered.recall(world.store, account=ctx.account, key=ctx.idempotency_key, print_=print_, path=request.path, now=ctx.now)
        if kept:
            return _replay(kept, ctx.idempotency_key)
    paths = _expansions(params)
    first = _run(ctx, route, params, paths, request.path, print_, fault)
    answer = json_answer(first.body, first.status, {"stripe-should-retry": "false"} if first.status >= 400 else {})
    if ctx.idempotency_key:
        answer.headers |= {"idempotency-key": ctx.idempotency_key, "original-request": request_id}
    if fault and fault.mode in ("timeout_after_commit", "disconnect_after_commit"):
        answer.is_lost = True
        answer.hold_ms = fault.hold_ms if fault.mode == "timeout_after_commit" else 0
    return answer


def _run(ctx: Context, route: routes.Route, params: Json, paths: list[str], path: str, print_: str, fault: Fault | None) -> Remembered:
    """Execute and remember in one transaction; an error that rolls the work back is remembered on its own."""
    is_broken = fault is not None and fault.mode == "error_500_after_commit"
    try:
        with ctx.store.transaction():
            result = _result(ctx, route, params, paths, path)
            shown = Remembered(500, internal_error().as_body(), result.request_id) if is_broken else result
            _remember(ctx, print_, result if fault and fault.replay == "result" else shown)
        return shown
    except ApiError as error:
        if not error.is_remembered:
            raise
        kept = Remembered(error.status, error.as_body(), ctx.request_id or "")
        with ctx.store.transaction():
            _remember(ctx, print_, kept)
        return kept


def _result(ctx: Context, route: routes.Route, params: Json, paths: list[str], path: str) -> Remembered:
    try:
        body = route.run(ctx, params, path)
    except ApiError as error:
        if not error.commits:
            raise
        return Remembered(error.status, error.as_body(), ctx.request_id or "")
    return Remembered(200, expand(ctx, body, paths), ctx.request_id or "")


def _remember(ctx: Context, print_: str, answer: Remembered) -> None:
    if ctx.idempotency_key:
        remembered.remember(ctx.store, account=ctx.account, key=ctx.idempotency_key, print_=print_, answer=answer, now=ctx.now)


def _replay(kept: Remembered, key: str) -> Answer:
    headers = {"idempotent-replayed": "true", "idempotency-key": key, "original-request": kept.request_id}
    return json_answer(kept.body, kept.status, headers | ({"stripe-should-retry": "false"} if kept.status >= 400 else {}))


def _route_for(world: World, request: Request, key: Key) -> routes.Route:
    found = routes.match(request.method, request.path)
    if not found:
        raise ApiError(
            404,
            "invalid_request_error",
            f"Unrecognized request URL ({request.method}: {request.path}). The sandbox speaks a part of the API; its README lists it.",
            is_remembered=False,
        )
    for route in found:
        if route.for_browser != key.is_secret:
            _check_origin(world, request, route)
            return route
    if found[0].for_browser:
        raise forbidden("This endpoint is for browsers: use the publishable key, and keep the secret key on the server.")
    require_secret(key)
    raise forbidden("This key may not call this endpoint.")


def _check_origin(world: World, request: Request, route: routes.Route) -> None:
    if route.for_browser and request.origin and not world.doors.admits_origin(request.origin):
        raise forbidden(f"Pages of {request.origin} may not call the sandbox. Start it with --allow-origin to change that.")


def _check_version(version: str) -> None:
    if version != API_VERSION:
        words = "not supported here" if _VERSION.fullmatch(version) else "malformed"
        raise invalid_param(f"Invalid Stripe API version: {version} is {words}; the sandbox speaks {API_VERSION} only.")


def _context(world: World, request: Request, key: Key, request_id: str) -> Context:
    """Resolve the acting account. Raises: ApiError 401 or 403."""
    store = world.store
    if key.is_secret:
        if store.find(key.platform, key.platform, "account") is None:
            with store.transaction():
                ensure_platform(store, world.clock, key.platform)
    elif store.find(key.platform, key.platform, "account") is None:
        raise missing("account", "of this publishable key", "key")
    account = request.headers.get("stripe-account") or key.platform
    require_connected(store, key.platform, account)
    idempotency_key = request.headers.get("idempotency-key") if request.method == "POST" else None
    remembered.check_key(idempotency_key or "")
    return Context(
        store=store,
        clock=world.clock,
        knobs=world.knobs,
        base_url=world.base_for(request.headers.get("host", "")),
        account=account,
        platform=key.platform,
        request_id=request_id,
        idempotency_key=idempotency_key,
        origin=request.origin,
    )


def _expansions(params: Json) -> list[str]:
    raw = params.pop("expand", {})
    if isinstance(raw, str):
        return [raw]
    if not isinstance(raw, dict) or not all(isinstance(path, str) for path in raw.values()):
        raise invalid_param("Invalid array", "expand")
    return [raw[key] for key in sorted(raw, key=lambda key: int(key) if key.isdigit() else 0)]
