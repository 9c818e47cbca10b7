"""Accounts: the platform's own and the merchants connected to it. Onboarding takes no time here: they can charge at once."""

from commerce.sandbox.context import Context, changed
from commerce.sandbox.state.clock import Clock
from commerce.sandbox.state.store import Store
from commerce.sandbox.wire.errors import Json, forbidden, invalid_param
from commerce.sandbox.wire.ids import new_id
from commerce.sandbox.wire.shapes import (
    ADDRESS,
    PAGING,
    Parser,
    boolean,
    choice,
    currency,
    integer,
    merge_metadata,
    metadata,
    span,
    struct,
    text,
    url,
)

_WORDS: dict[str, Parser] = {"name": text(can_clear=True), "product_description": text(can_clear=True), "mcc": text(4)}
_PROFILE = struct({**_WORDS, "support_email": text(), "support_phone": text(), "support_url": url(), "url": url(), "support_address": ADDRESS})
_CONTROLLER = struct(
    {
        "fees": struct({"payer": choice("account", "application")}),
        "losses": struct({"payments": choice("application", "stripe")}),
        "requirement_collection": choice("application", "stripe"),
        "stripe_dashboard": struct({"type": choice("express", "full", "none")}),
    }
)
_CAPABILITY = struct({"requested": boolean()})
_SCHEDULE = struct({"interval": choice("manual", "daily", "weekly", "monthly"), "delay_days": integer(0, 31)})
_SETTINGS = struct(
    {
        "payouts": struct({"schedule": _SCHEDULE, "debit_negative_balances": boolean(), "statement_descriptor": text(22)}),
        "payments": struct({"statement_descriptor": text(22)}),
    }
)
_COMMON: dict[str, Parser] = {
    "email": text(800),
    "business_type": choice("company", "government_entity", "individual", "non_profit"),
    "business_profile": _PROFILE,
    "capabilities": struct({"card_payments": _CAPABILITY, "transfers": _CAPABILITY, "link_payments": _CAPABILITY}),
    "default_currency": currency(),
    "metadata": metadata(),
    "settings": _SETTINGS,
}
CREATE = struct({**_COMMON, "country": text(2), "type": choice("standard", "express", "custom"), "controller": _CONTROLLER})
UPDATE = struct(_COMMON)
LIST = struct({**PAGING, "created": span()})
NOTHING = struct({})

_CURRENCY_OF = {"US": "usd", "GB": "gbp", "CN": "cny", "HK": "hkd", "JP": "jpy", "SG": "sgd", "AU": "aud", "CA": "cad", "CH": "chf", "KR": "krw"}


def create(ctx: Context, params: Json) -> Json:
    """Connect a merchant. Only a platform can; connected accounts have no accounts of their own."""
    if ctx.is_connected:
        raise forbidden("Connected accounts cannot create accounts.")
    if "type" in params and "controller" in params:
        raise invalid_param("You may only specify one of these parameters: type, controller.", "type")
    account = _blank(new_id("acct", 16), ctx.now, params.get("country", "US").upper())
    kind = params.get("type", "none" if "controller" in params else "standard")
    account |= {"type": kind, "controller": {**_controller(kind), **params.get("controller", {})}}
    return ctx.add(_apply(account, params))


def retrieve(ctx: Context, params: Json, account: str) -> Json:
    """The platform sees itself and what it connected; an account sees itself."""
    return _get(ctx, account)


def retrieve_own(ctx: Context, params: Json) -> Json:
    """`GET /v1/account`: whose key is this."""
    return _get(ctx, ctx.account)


def update(ctx: Context, params: Json, account: str) -> Json:
    """Change what onboarding would change."""
    before = _get(ctx, account)
    after = _apply({**before}, params)
    ctx.save(after)
    ctx.acting_as(account).emit("account.updated", after, changed(before, after))
    return after


def delete(ctx: Context, params: Json, account: str) -> Json:
    """Disconnect a merchant whose balance is empty; the platform itself stays."""
    if account == ctx.platform:
        raise forbidden("The platform's own account cannot be deleted.")
    _get(ctx, account)
    ctx.store.connection.execute("DELETE FROM objects WHERE id = ? AND kind = 'account'", (account,))
    return {"id": account, "object": "account", "deleted": True}


def list_all(ctx: Context, params: Json) -> Json:
    """The connected accounts, newest first; the platform itself is not among them."""
    return ctx.listing("account", params, "/v1/accounts", {"$.controller.is_controller": True})


def ensure_platform(store: Store, clock: Clock, platform: str) -> None:
    """Make the platform's account when its key is used for the first time. Needs: an open transaction."""
    if store.find(platform, platform, "account"):
        return
    account = _blank(platform, clock.now(), "US")
    account["settings"]["dashboard"]["display_name"] = "Platform"
    store.insert(platform, {**account, "type": "standard", "controller": {"type": "account"}})


def require_connected(store: Store, platform: str, account: str) -> None:
    """Raises: ApiError 403 unless the account is the platform's own or connected to it."""
    if store.find(platform, account, "account") is None:
        raise forbidden(
            f"The provided key does not have access to account '{account}' (or that account does not exist).",
            "account_invalid",
        )


def _get(ctx: Context, account: str) -> Json:
    if ctx.is_connected and account != ctx.account:
        require_connected(ctx.store, ctx.account, account)
    require_connected(ctx.store, ctx.platform, account)
    return ctx.store.get(ctx.platform, "account", account)


def _controller(kind: str) -> Json:
    is_standard = kind in ("standard", "none")
    return {
        "fees": {"payer": "account" if is_standard else "application"},
        "is_controller": True,
        "losses": {"payments": "stripe" if is_standard else "application"},
        "requirement_collection": "application" if kind == "custom" else "stripe",
        "stripe_dashboard": {"type": {"standard": "full", "express": "express"}.get(kind, "none")},
        "type": "application",
    }


def _apply(account: Json, params: Json) -> Json:
    for key in ("email", "business_type", "default_currency"):
        if key in params:
            account[key] = params[key]
    account["business_profile"] = {**account["business_profile"], **params.get("business_profile", {})}
    account["metadata"] = merge_metadata(account["metadata"], params.get("metadata"))
    asked = {name: "active" for name, wish in params.get("capabilities", {}).items() if wish.get("requested")}
    account["capabilities"] = {**account["capabilities"], **asked}
    settings = {key: dict(value) for key, value in account["settings"].items()}
    for group, values in params.get("settings", {}).items():
        schedule = {**settings[group].get("schedule", {}), **values.get("schedule", {})}
        settings[group] |= values | ({"schedule": schedule} if schedule else {})
    account["settings"] = settings
    return account


def _blank(identifier: str, now: int, country: str) -> Json:
    nothing_due: Json = {
        "alternatives": [], "current_deadline": None, "currently_due": [], "disabled_reason": None,
        "errors": [], "eventually_due": [], "past_due": [], "pending_verification": [],
    }  # fmt: skip
    return {
        "id": identifier,
        "object": "account",
        "business_profile": dict.fromkeys(
            (
                "annual_revenue", "estimated_worker_count", "mcc", "minority_owned_business_designation", "name", "product_description",
                "support_address", "support_email", "support_phone", "support_url", "url",
            )
        ),
        "business_type": None,
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": country,
        "created": now,
        "default_currency": _CURRENCY_OF.get(country, "eur"),
        "details_submitted": True,
        "email": None,
        "external_accounts": {"object": "list", "data": [], "has_more": False, "url": f"/v1/accounts/{identifier}/external_accounts"},
        "future_requirements": dict(nothing_due),
        "metadata": {},
        "payouts_enabled": True,
        "requirements": nothing_due,
        "settings": _settings(),
        "tos_acceptance": {"date": now},
    }  # fmt: skip


def _settings() -> Json:
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": None, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "offer"},
        "payments": {"statement_descriptor": None, "statement_descriptor_kana": None, "statement_descriptor_kanji": None},
        "payouts": {"debit_negative_balances": True, "schedule": {"delay_days": 2, "interval": "manual"}, "statement_descriptor": None},
        "sepa_debit_payments": {},
    }
