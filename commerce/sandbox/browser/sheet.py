"""The payment sheet's endpoints: a page shows a session and submits a card, with publishable key and client secret."""

import hmac

from commerce.sandbox.context import Context
from commerce.sandbox.money.currencies import exponent_of
from commerce.sandbox.objects.payment_methods import ENTRY
from commerce.sandbox.objects.sessions import current
from commerce.sandbox.payments import checkout
from commerce.sandbox.payments.cards import Decline
from commerce.sandbox.payments.methods import entry_problem, from_entry
from commerce.sandbox.payments.parties import name_of
from commerce.sandbox.wire.errors import Json, missing, refused
from commerce.sandbox.wire.shapes import integer, struct, text, url

READ = struct({"client_secret": text(500)}, required=("client_secret",))
CONFIRM = struct(
    {
        "client_secret": text(500),
        "card": ENTRY,
        "email": text(512),
        "name": text(256, can_clear=True),
        "expected_amount": integer(0),
        "return_url": url(),
    },
    required=("client_secret", "card"),
)


def read(ctx: Context, params: Json, session: str) -> Json:
    """What the sheet shows, and how the payment stands; may be polled."""
    return as_sheet(ctx, _open(ctx, session, params["client_secret"]))


def confirm(ctx: Context, params: Json, session: str) -> Json:
    """Submit a card. `result` is `paid`, `declined` or `requires_action`; a session already paid answers `paid` again.

    Raises: ApiError 400 when the session has expired or the shopper saw another amount.
    """
    body = _open(ctx, session, params["client_secret"])
    if body["status"] == "complete":
        return as_sheet(ctx, body)
    checkout.require_open(ctx, body)
    if params.get("expected_amount", body["amount_total"]) != body["amount_total"]:
        raise refused("The amount shown to the customer is not the session's amount.", "amount_mismatch", param="expected_amount")
    return submit(ctx, body, params)


def submit(ctx: Context, session: Json, params: Json) -> Json:
    """Pay an open session with a typed card. Needs: an open transaction."""
    problem = entry_problem(ctx, params["card"])
    if problem:
        return as_sheet(ctx, session) | _declined(problem)
    checkout.set_contact(session, email=params.get("email") or session["customer_email"], name=params.get("name"))
    billing = {key: params[key] for key in ("email", "name") if params.get(key)}
    method = from_entry(ctx, params["card"], billing)
    ctx.save(session)
    checkout.pay(ctx, session, method["id"], return_url=params.get("return_url") or session["return_url"])
    return as_sheet(ctx, session)


def as_sheet(ctx: Context, session: Json) -> Json:
    """The sheet's view of a session; no id of a customer, no metadata, nothing a shopper should not read."""
    account = ctx.store.get(ctx.platform, "account", ctx.account)
    keys = ("id", "status", "payment_status", "amount_total", "currency", "expires_at", "locale", "return_url")
    items = ctx.store.hidden(session["id"])["line_items"]
    view: Json = {"object": "sandbox.sheet", **{key: session[key] for key in keys}, "livemode": False, "now": ctx.now}
    view["exponent"] = exponent_of(session["currency"])
    view["email"] = (session["customer_details"] or {}).get("email") or session["customer_email"]
    view["merchant_name"] = name_of(account)
    view["line_items"] = [{key: item[key] for key in ("description", "quantity", "amount_total")} for item in items]
    return view | _standing(ctx, session)


def _standing(ctx: Context, session: Json) -> Json:
    """`result`, and what belongs to it: `ready` before the first attempt, `expired` when it is too late."""
    if session["status"] == "complete":
        return _result("paid")
    if session["status"] == "expired":
        return _result("expired")
    if not session["payment_intent"]:
        return _result("ready")
    intent = ctx.get("payment_intent", session["payment_intent"])
    if intent["status"] == "requires_action":
        return _result("requires_action", url=intent["next_action"]["redirect_to_url"]["url"])
    error = intent["last_payment_error"]
    if not error:
        return _result("ready")
    return _declined(Decline(error["code"], error.get("decline_code", ""), error["message"], error.get("param", "")))


def _declined(decline: Decline) -> Json:
    return _result("declined", code=decline.code, decline_code=decline.decline_code or None, message=decline.message, param=decline.param or None)


def _result(result: str, **values: str | None) -> Json:
    return {"result": result, "url": None, "code": None, "decline_code": None, "message": None, "param": None, **values}


def _open(ctx: Context, session: str, client_secret: str) -> Json:
    """The session, for whoever knows its secret; a wrong secret is answered like an unknown session."""
    body = current(ctx, session)
    if not hmac.compare_digest(body["client_secret"] or "", client_secret):
        raise missing("checkout.session", session, "client_secret")
    return body
