"""3-D Secure: a challenge is asked for when a card needs it, and approved or failed on the sandbox's own page."""

from dataclasses import dataclass

from commerce.sandbox.context import Context
from commerce.sandbox.money.currencies import format_amount
from commerce.sandbox.payments import checkout, intents
from commerce.sandbox.payments.parties import name_of
from commerce.sandbox.wire.errors import Json


@dataclass(frozen=True)
class Challenge:
    """What the page shows: open ones have buttons, others the outcome (`succeeded`, `failed`, `abandoned`)."""

    id: str
    payment_intent: str
    merchant: str
    amount_text: str
    origin: str
    return_url: str
    outcome: str


def read(ctx: Context, identifier: str) -> Challenge:
    """The challenge of the acting account. Raises: ApiError 404."""
    body = ctx.get("sandbox.challenge", identifier)
    hidden = ctx.store.hidden(identifier)
    intent = ctx.get("payment_intent", body["payment_intent"])
    is_open = ctx.store.hidden(intent["id"]).get("challenge") == identifier and intent["status"] == "requires_action"
    return Challenge(
        id=identifier,
        payment_intent=intent["id"],
        merchant=name_of(ctx.store.get(ctx.platform, "account", ctx.account)),
        amount_text=f"{format_amount(intent['amount'], intent['currency'])} {intent['currency'].upper()}",
        origin=hidden.get("origin") or "",
        return_url=_return_url(hidden.get("return_url") or "", intent, hidden.get("outcome") or ""),
        outcome="" if is_open else hidden.get("outcome") or "abandoned",
    )


def decide(ctx: Context, identifier: str, *, is_approved: bool) -> Challenge:
    """Approve or fail an open challenge; a decided one keeps its outcome. Needs: an open transaction."""
    challenge = read(ctx, identifier)
    if challenge.outcome:
        return challenge
    intent = ctx.get("payment_intent", challenge.payment_intent)
    session = _session_of(ctx, intent)
    if session and session["status"] == "open" and session["expires_at"] <= ctx.now:
        checkout.expire(ctx, session)
        return read(ctx, identifier)
    ctx.store.hide(intent["id"], challenge=None)
    if is_approved:
        intent = intents.attempt(ctx, intent, is_authenticated=True)
    else:
        intent = intents.fail(ctx, {**intent, "next_action": None}, intents.AUTHENTICATION_FAILED)
    if session:
        checkout.finish_if_paid(ctx, session, intent)
    ctx.store.hide(identifier, outcome="failed" if intent["last_payment_error"] else "succeeded")
    return read(ctx, identifier)


def _session_of(ctx: Context, intent: Json) -> Json | None:
    session = ctx.store.hidden(intent["id"]).get("session")
    return ctx.get("checkout.session", session) if session else None


def _return_url(address: str, intent: Json, outcome: str) -> str:
    """The caller's address with the parameters Stripe adds."""
    if not address or not outcome:
        return address
    glue = "&" if "?" in address else "?"
    query = f"payment_intent={intent['id']}&payment_intent_client_secret={intent['client_secret']}&redirect_status={outcome}"
    return f"{address}{glue}{query}"
