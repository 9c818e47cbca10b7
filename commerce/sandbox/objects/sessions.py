"""`/v1/checkout/sessions`: one-time payments with `ui_mode` `elements` (our sheet) or `hosted_page` (the sandbox's own page)."""

from commerce.sandbox.context import Context
from commerce.sandbox.money.currencies import MAXIMUM_AMOUNT, format_amount, minimum_of
from commerce.sandbox.objects import products
from commerce.sandbox.objects.customers import get_living
from commerce.sandbox.objects.expand import children
from commerce.sandbox.objects.payment_intents import CAPTURE_METHOD, FUTURE_USE
from commerce.sandbox.objects.prices import shape as price_shape
from commerce.sandbox.payments import checkout, intents
from commerce.sandbox.wire.errors import Json, invalid_param
from commerce.sandbox.wire.ids import new_id
from commerce.sandbox.wire.shapes import (
    PAGING,
    SHIPPING,
    Parser,
    boolean,
    choice,
    currency,
    integer,
    listing,
    merge_metadata,
    metadata,
    span,
    struct,
    text,
    url,
)  # fmt: skip

SHORTEST_S = 30 * 60
LONGEST_S = 24 * 3600
MOST_LINES = 100

_SWITCH = struct({"enabled": boolean()}, required=("enabled",))
_PRODUCT_DATA = struct(
    {"name": text(), "description": text(), "images": listing(url(), 8), "metadata": metadata(), "tax_code": text(), "unit_label": text(12)},
    required=("name",),
)
_PRICE_DATA = struct(
    {
        "currency": currency(),
        "product": text(),
        "product_data": _PRODUCT_DATA,
        "tax_behavior": choice("exclusive", "inclusive", "unspecified"),
        "unit_amount": integer(0, MAXIMUM_AMOUNT),
    },
    required=("currency", "unit_amount"),
)
_LINE = struct({"metadata": metadata(), "price": text(), "price_data": _PRICE_DATA, "quantity": integer(1, 999_999)})
_PAYMENT: dict[str, Parser] = {
    "application_fee_amount": integer(0, MAXIMUM_AMOUNT),
    "capture_method": CAPTURE_METHOD,
    "description": text(1000),
    "metadata": metadata(),
    "receipt_email": text(512),
    "setup_future_usage": FUTURE_USE,
    "shipping": SHIPPING,
    "statement_descriptor": text(22),
    "statement_descriptor_suffix": text(22),
    "transfer_group": text(),
}
_CUSTOM_TEXT = struct({key: struct({"message": text(1200)}) for key in ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")})
_CONSENT = struct({"promotions": choice("auto", "none"), "terms_of_service": choice("none", "required")})
CREATE = struct(
    {
        "adaptive_pricing": _SWITCH,
        "allow_promotion_codes": boolean(),
        "allowed_payment_method_types": listing(choice("card")),
        "automatic_tax": struct({"enabled": choice("false")}, required=("enabled",)),
        "billing_address_collection": choice("auto", "required"),
        "cancel_url": url(),
        "client_reference_id": text(200),
        "consent_collection": _CONSENT,
        "currency": currency(),
        "custom_text": _CUSTOM_TEXT,
        "customer": text(),
        "customer_creation": choice("always", "if_required"),
        "customer_email": text(512),
        "expires_at": integer(0),
        "line_items": listing(_LINE, MOST_LINES),
        "locale": text(10),
        "metadata": metadata(),
        "mode": choice("payment", untried=("setup", "subscription")),
        "payment_intent_data": struct(_PAYMENT),
        "phone_number_collection": _SWITCH,
        "redirect_on_completion": choice("always", "if_required", "never"),
        "return_url": url(),
        "submit_type": choice("auto", "book", "donate", "pay"),
        "success_url": url(),
        "ui_mode": choice("elements", "hosted_page", untried=("embedded_page", "form")),
    },
    required=("line_items", "mode"),
)
UPDATE = struct({"metadata": metadata()})
LIST = struct(
    {
        **PAGING,
        "created": span(),
        "customer": text(),
        "customer_details": struct({"email": text(512)}),
        "payment_intent": text(),
        "status": choice("complete", "expired", "open"),
    }
)
NOTHING = struct({})
LINES = struct({**PAGING})


def create(ctx: Context, params: Json) -> Json:
    """A new open session. Raises: ApiError 400 for lines without price, mixed currencies, a bad expiry, a total too small."""
    mode = params.get("ui_mode", "hosted_page")
    _check_addresses(params, mode)
    items = [_line_item(ctx, line, f"line_items[{index}]") for index, line in enumerate(params["line_items"])]
    if not items:
        raise invalid_param("You must provide at least one line item in `payment` mode.", "line_items")
    code = _one_currency(params, items)
    total = sum(item["amount_total"] for item in items)
    _check_total(total, code)
    wish = params.get("payment_intent_data", {})
    intents.check_fee(ctx, wish.get("application_fee_amount"), total)
    wish["metadata"] = merge_metadata({}, wish.get("metadata"))
    session = _shape(ctx, params, mode, code, total)
    return ctx.add(session, line_items=items, payment_intent_data=wish)


def retrieve(ctx: Context, params: Json, session: str) -> Json:
    """One session."""
    return current(ctx, session)


def update(ctx: Context, params: Json, session: str) -> Json:
    """Change its metadata."""
    body = current(ctx, session)
    return ctx.save({**body, "metadata": merge_metadata(body["metadata"], params.get("metadata"))})


def expire(ctx: Context, params: Json, session: str) -> Json:
    """Close an open session now."""
    return checkout.expire(ctx, current(ctx, session))


def list_lines(ctx: Context, params: Json, session: str) -> Json:
    """The line items, in the order given."""
    return children(ctx, current(ctx, session), "item", "checkout_session", params)


def list_all(ctx: Context, params: Json) -> Json:
    """Newest first."""
    where = {f"$.{key}": params[key] for key in ("customer", "payment_intent", "status") if key in params}
    if "customer_details" in params:
        where["$.customer_details.email"] = params["customer_details"]["email"]
    return ctx.listing("checkout.session", params, "/v1/checkout/sessions", where)


def current(ctx: Context, session: str) -> Json:
    """The session as it is at this second: one whose time is over is expired on the way, sweeper or not."""
    body = ctx.get("checkout.session", session, "session")
    if body["status"] == "open" and body["expires_at"] <= ctx.now:
        return checkout.expire(ctx, body)
    return body


def _check_addresses(params: Json, mode: str) -> None:
    if mode == "hosted_page":
        if "success_url" not in params:
            raise invalid_param("Missing required param: success_url.", "success_url", "parameter_missing")
        if "return_url" in params:
            raise invalid_param("`return_url` cannot be used with `ui_mode: hosted_page`.", "return_url")
        return
    for name in ("success_url", "cancel_url"):
        if name in params:
            raise invalid_param(f"`{name}` cannot be used with `ui_mode: elements`.", name)


def _line_item(ctx: Context, line: Json, where: str) -> Json:
    if ("price" in line) == ("price_data" in line):
        raise invalid_param("You must specify either `price` or `price_data` for each line item.", where)
    if "price" in line:
        price = ctx.get("price", line["price"], f"{where}[price]")
        if not price["active"]:
            raise invalid_param("The price specified is inactive. This field only accepts active prices.", f"{where}[price]")
        name = ctx.get("product", price["product"])["name"]
    else:
        price, name = _inline_price(ctx, line["price_data"], f"{where}[price_data]")
    quantity = line.get("quantity", 1)
    amount = price["unit_amount"] * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": name,
        "metadata": merge_metadata({}, line.get("metadata")),
        "price": price,
        "quantity": quantity,
    }


def _inline_price(ctx: Context, data: Json, where: str) -> tuple[Json, str]:
    if ("product" in data) == ("product_data" in data):
        raise invalid_param("You must specify exactly one of `product` or `product_data`.", where)
    if "product" in data:
        product = ctx.get("product", data["product"], f"{where}[product]")
    else:
        product = products.create(ctx, {**data["product_data"], "active": False})
    return ctx.add({**price_shape(ctx, data, product["id"]), "active": False}), product["name"]


def _one_currency(params: Json, items: list[Json]) -> str:
    code = str(params.get("currency", items[0]["currency"]))
    for item in items:
        if item["currency"] != code:
            raise invalid_param(f"All line items must use the same currency; found {code} and {item['currency']}.", "line_items")
    return code


def _check_total(total: int, code: str) -> None:
    least = minimum_of(code)
    if total < least:
        raise invalid_param(
            f"The Checkout Session's total amount due must add up to at least {format_amount(least, code)} {code}", "line_items", "amount_too_small"
        )
    if total > MAXIMUM_AMOUNT:
        raise invalid_param(f"The total must be at most {format_amount(MAXIMUM_AMOUNT, code)} {code}", "line_items", "amount_too_large")


def _expiry(ctx: Context, params: Json) -> int:
    expires_at = int(params.get("expires_at", ctx.now + LONGEST_S))
    # One minute of grace on both sides, so that a caller that counts from its own clock's "now" is not refused.
    if not ctx.now + SHORTEST_S - 60 <= expires_at <= ctx.now + LONGEST_S + 60:
        raise invalid_param(
            "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from Checkout Session creation.", "expires_at"
        )
    return expires_at


def _shape(ctx: Context, params: Json, mode: str, code: str, total: int) -> Json:
    identifier = new_id("cs_test", 58)
    customer = get_living(ctx, params["customer"])["id"] if "customer" in params else None
    is_hosted = mode == "hosted_page"
    session: Json = {
        "id": identifier,
        "object": "checkout.session",
        "adaptive_pricing": params.get("adaptive_pricing", {"enabled": False}),
        "after_expiration": None,
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": params.get("billing_address_collection"),
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None if is_hosted else new_id(f"{identifier}_secret", 40),
        "collected_information": None,
        "consent": None,
        "consent_collection": params.get("consent_collection"),
        "created": ctx.now,
        "currency": code,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            key: params.get("custom_text", {}).get(key) for key in ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        },
        "customer": customer,
        "customer_account": None,
        "customer_creation": params.get("customer_creation", "if_required"),
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "discounts": [],
        "expires_at": _expiry(ctx, params),
        "integration_identifier": None,
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": merge_metadata({}, params.get("metadata")),
        "mode": "payment",
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": params.get("phone_number_collection", {"enabled": False}),
        "recovered_from": None,
        "redirect_on_completion": None if is_hosted else params.get("redirect_on_completion", "always"),
        "return_url": params.get("return_url"),
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "subscription": None,
        "success_url": params.get("success_url"),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": mode,
        "url": f"{ctx.base_url}/pay/{identifier}" if is_hosted else None,
        "wallet_options": None,
    }
    if params.get("customer_email"):
        checkout.set_contact(session, email=params["customer_email"])
    return session
