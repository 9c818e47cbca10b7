"""What the sandbox accepts, Stripe accepts: every parameter of every shape is in the SDK's own typed parameters."""

import importlib
import inspect
import re
from typing import Any

import pytest

from commerce.sandbox.objects import (
    accounts,
    charges,
    customers,
    disputes,
    events,
    ledger,
    payment_intents,
    payment_methods,
    payouts,
    prices,
    products,
    refunds,
    sessions,
    webhook_endpoints,
)  # fmt: skip


def fields_of(shape: Any) -> dict[str, Any] | None:
    """The keys of a hash (or of the hashes in a list), None for a plain value."""
    kept = inspect.getclosurevars(shape).nonlocals
    if "fields" in kept:
        return dict(kept["fields"])
    return fields_of(kept["parser"]) if "parser" in kept else None


def unknown(shape: Any, module: Any, name: str, where: str) -> list[str]:
    """Parameters that the SDK's TypedDict of that name does not have, recursively."""
    annotations = {key: str(kind) for key, kind in getattr(module, name).__annotations__.items()}
    found: list[str] = []
    for key, inner in (fields_of(shape) or {}).items():
        if key not in annotations:
            found.append(f"{where}[{key}]")
            continue
        nested = re.search(r"\b(\w+Params[A-Z]\w*)\b", annotations[key])
        if nested and fields_of(inner) is not None and hasattr(module, nested.group(1)):
            found += unknown(inner, module, nested.group(1), f"{where}[{key}]")
    return found


@pytest.mark.parametrize(
    ("shape", "module", "name"),
    [
        (accounts.CREATE, "_account_create_params", "AccountCreateParams"),
        (accounts.UPDATE, "_account_update_params", "AccountUpdateParams"),
        (charges.LIST, "_charge_list_params", "ChargeListParams"),
        (charges.UPDATE, "_charge_update_params", "ChargeUpdateParams"),
        (customers.CREATE, "_customer_create_params", "CustomerCreateParams"),
        (customers.LIST, "_customer_list_params", "CustomerListParams"),
        (disputes.UPDATE, "_dispute_update_params", "DisputeUpdateParams"),
        (disputes.LIST, "_dispute_list_params", "DisputeListParams"),
        (events.LIST, "_event_list_params", "EventListParams"),
        (ledger.LIST, "_balance_transaction_list_params", "BalanceTransactionListParams"),
        (ledger.LIST_FEES, "_application_fee_list_params", "ApplicationFeeListParams"),
        (payment_intents.CREATE, "_payment_intent_create_params", "PaymentIntentCreateParams"),
        (payment_intents.UPDATE, "_payment_intent_update_params", "PaymentIntentUpdateParams"),
        (payment_intents.CONFIRM, "_payment_intent_confirm_params", "PaymentIntentConfirmParams"),
        (payment_intents.CAPTURE, "_payment_intent_capture_params", "PaymentIntentCaptureParams"),
        (payment_intents.CANCEL, "_payment_intent_cancel_params", "PaymentIntentCancelParams"),
        (payment_intents.LIST, "_payment_intent_list_params", "PaymentIntentListParams"),
        (payment_methods.LIST, "_payment_method_list_params", "PaymentMethodListParams"),
        (payouts.CREATE, "_payout_create_params", "PayoutCreateParams"),
        (payouts.LIST, "_payout_list_params", "PayoutListParams"),
        (prices.CREATE, "_price_create_params", "PriceCreateParams"),
        (prices.UPDATE, "_price_update_params", "PriceUpdateParams"),
        (prices.LIST, "_price_list_params", "PriceListParams"),
        (products.CREATE, "_product_create_params", "ProductCreateParams"),
        (products.UPDATE, "_product_update_params", "ProductUpdateParams"),
        (products.LIST, "_product_list_params", "ProductListParams"),
        (refunds.CREATE, "_refund_create_params", "RefundCreateParams"),
        (refunds.LIST, "_refund_list_params", "RefundListParams"),
        (sessions.CREATE, "checkout._session_create_params", "SessionCreateParams"),
        (sessions.UPDATE, "checkout._session_update_params", "SessionUpdateParams"),
        (sessions.LIST, "checkout._session_list_params", "SessionListParams"),
        (webhook_endpoints.CREATE, "_webhook_endpoint_create_params", "WebhookEndpointCreateParams"),
        (webhook_endpoints.UPDATE, "_webhook_endpoint_update_params", "WebhookEndpointUpdateParams"),
    ],
)
def test_no_parameter_is_the_sandboxs_own(shape: Any, module: str, name: str) -> None:
    """A word that only the sandbox understands would work here and fail at Stripe."""
    assert unknown(shape, importlib.import_module(f"stripe.params.{module}"), name, "") == []


def test_the_check_itself_looks_inside() -> None:
    """Nested hashes and lists of hashes are compared as well."""
    module = importlib.import_module("stripe.params.checkout._session_create_params")
    inner = fields_of((fields_of(sessions.CREATE) or {})["line_items"])
    assert inner is not None
    assert "price_data" in inner
    assert unknown(customers.CREATE, module, "SessionCreateParams", "") != []
