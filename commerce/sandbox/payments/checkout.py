"""Checkout Sessions: open until paid or expired. The PaymentIntent appears when the shopper confirms, as at Stripe."""

from commerce.sandbox.context import Context
from commerce.sandbox.payments import intents
from commerce.sandbox.wire.errors import Json, refused


def pay(ctx: Context, session: Json, payment_method: str, *, return_url: str | None = None) -> Json:
    """Confirm an open session with a card; gives the PaymentIntent, whose state says how it went.

    Needs: an open transaction. Raises: ApiError 400 `session_not_open`.
    """
    require_open(ctx, session)
    intent = _intent_of(ctx, session)
    if session["customer"]:
        intent["customer"] = session["customer"]
    intent["receipt_email"] = intent["receipt_email"] or (session["customer_details"] or {}).get("email")
    after = intents.confirm(ctx, intent, payment_method, return_url=return_url)
    return finish_if_paid(ctx, session, after)


def finish_if_paid(ctx: Context, session: Json, intent: Json) -> Json:
    """Complete the session when its intent has been paid or authorised; gives the intent."""
    if intent["status"] not in ("succeeded", "requires_capture"):
        return intent
    session |= {"status": "complete", "payment_status": "paid" if intent["status"] == "succeeded" else "unpaid", "url": None}
    ctx.save(session)
    ctx.emit("checkout.session.completed", session)
    return intent


def require_open(ctx: Context, session: Json) -> None:
    """Raises: ApiError 400 when the session is complete, expired, or its time is over."""
    if session["status"] != "open" or session["expires_at"] <= ctx.now:
        state = session["status"] if session["status"] != "open" else "expired"
        raise refused(f"This Checkout Session is no longer open: it is {state}.", "checkout_session_not_open", checkout_session_status=state)


def expire(ctx: Context, session: Json) -> Json:
    """Close an open session; its unpaid intent is canceled with it.

    Raises: ApiError 400 when it is not open: whoever expires must treat "complete" as paid.
    """
    if session["status"] != "open":
        raise refused(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `{session["status"]}`.',
        )
    session |= {"status": "expired", "url": None}
    ctx.save(session)
    if session["payment_intent"]:
        intent = ctx.get("payment_intent", session["payment_intent"])
        if intent["status"] in intents.CONFIRMABLE:
            intents.cancel(ctx, intent, "abandoned")
    ctx.emit("checkout.session.expired", session)
    return session


def set_contact(session: Json, *, email: str | None, name: str | None = None) -> None:
    """Keep what the shopper typed; changes the session in place."""
    details = session["customer_details"] or dict.fromkeys(("address", "business_name", "email", "individual_name", "name", "phone"))
    known = {key: value for key, value in (("email", email), ("name", name)) if value}
    session["customer_details"] = {"tax_exempt": "none", "tax_ids": [], **details, **known}


def _intent_of(ctx: Context, session: Json) -> Json:
    if session["payment_intent"]:
        return ctx.get("payment_intent", session["payment_intent"])
    wish = ctx.store.hidden(session["id"])["payment_intent_data"]
    params = {"shipping": None, **wish, "amount": session["amount_total"], "currency": session["currency"], "customer": session["customer"]}
    intent = intents.shape(ctx, {**params, "capture_method": wish.get("capture_method", "automatic_async")})
    ctx.add(intent, session=session["id"])
    ctx.emit("payment_intent.created", intent)
    session["payment_intent"] = intent["id"]
    ctx.save(session)
    return intent
