"""Payment methods: cards. Numbers arrive from a browser with the publishable key, never from a server with the secret one."""

from commerce.sandbox.context import Context, changed
from commerce.sandbox.objects.customers import get_living
from commerce.sandbox.payments.methods import entry_problem, from_entry, resolve
from commerce.sandbox.wire.errors import ApiError, Json, refused
from commerce.sandbox.wire.shapes import ADDRESS, PAGING, choice, integer, metadata, struct, text

BILLING = struct(
    {
        "address": ADDRESS,
        "email": text(512, can_clear=True),
        "name": text(can_clear=True),
        "phone": text(can_clear=True),
        "tax_id": text(can_clear=True),
    }
)
ENTRY = struct(
    {"number": text(40), "exp_month": integer(0, 99), "exp_year": integer(0, 9999), "cvc": text(10)},
    required=("number", "exp_month", "exp_year", "cvc"),
)
CREATE = struct({"type": choice("card"), "card": ENTRY, "billing_details": BILLING, "metadata": metadata()}, required=("type", "card"))
LIST = struct({**PAGING, "customer": text(), "type": choice("card")})
ATTACH = struct({"customer": text()}, required=("customer",))
NOTHING = struct({})


def create(ctx: Context, params: Json) -> Json:
    """Take a card typed into a browser. Raises: ApiError 402 for a number, date or code that cannot be right."""
    problem = entry_problem(ctx, params["card"])
    if problem:
        raise ApiError(402, "card_error", problem.message, code=problem.code, param=problem.param or None)
    return from_entry(ctx, params["card"], params.get("billing_details", {}), params.get("metadata"))


def create_by_server(ctx: Context, params: Json) -> Json:
    """Card numbers on a server are what PCI DSS is about; Stripe refuses them as well."""
    raise ApiError(
        402,
        "invalid_request_error",
        "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test tokens that map to the test card "
        "you are using, see https://stripe.com/docs/testing.",
        is_remembered=False,
    )


def retrieve(ctx: Context, params: Json, payment_method: str) -> Json:
    """One payment method."""
    return resolve(ctx, payment_method)


def list_all(ctx: Context, params: Json) -> Json:
    """Newest first; of one customer if asked."""
    where = {f"$.{key}": params[key] for key in ("customer", "type") if key in params}
    return ctx.listing("payment_method", params, "/v1/payment_methods", where)


def list_of_customer(ctx: Context, params: Json, customer: str) -> Json:
    """`GET /v1/customers/{id}/payment_methods`."""
    get_living(ctx, customer)
    where = {"$.customer": customer}
    return ctx.listing("payment_method", params, f"/v1/customers/{customer}/payment_methods", where)


def attach(ctx: Context, params: Json, payment_method: str) -> Json:
    """Keep a card for a customer. Raises: ApiError 402 for a card that its bank declines at once."""
    before = resolve(ctx, payment_method)
    get_living(ctx, params["customer"])
    if before["customer"]:
        raise refused("The payment method you provided has already been attached to a customer.", "payment_method_already_attached")
    after = {**before, "customer": params["customer"]}
    ctx.save(after)
    ctx.emit("payment_method.attached", after, changed(before, after))
    return after


def detach(ctx: Context, params: Json, payment_method: str) -> Json:
    """Let go of a customer's card."""
    before = ctx.get("payment_method", payment_method)
    if not before["customer"]:
        raise refused("The payment method you provided is not attached to a customer so detachment is impossible.")
    after = {**before, "customer": None}
    ctx.save(after)
    ctx.emit("payment_method.detached", after, changed(before, after))
    return after
