"""Every API route: method, path, the shape of its parameters, and the handler. Nothing registers itself."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from commerce.sandbox.browser import sheet
from commerce.sandbox.context import Context
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
from commerce.sandbox.wire.errors import Json
from commerce.sandbox.wire.shapes import Parser

Handler = Callable[..., Json]
"""`handler(ctx, params, *ids)`: ids are the path's variable parts."""


@dataclass(frozen=True)
class Route:
    """`pattern` has one group per id. `for_browser`: called with the publishable key from a page, not with the secret key."""

    method: str
    pattern: re.Pattern[str]
    shape: Parser
    handler: Handler
    for_browser: bool = False

    def run(self, ctx: Context, params: Json, path: str) -> Json:
        """Parse the parameters and call the handler. Raises: ApiError."""
        match = self.pattern.fullmatch(path)
        ids: tuple[Any, ...] = match.groups() if match else ()
        return self.handler(ctx, self.shape(params, ""), *ids)


def _route(method: str, path: str, shape: Parser, handler: Handler, *, for_browser: bool = False) -> Route:
    return Route(method, re.compile(path.replace("{}", r"([A-Za-z0-9_-]{1,255})")), shape, handler, for_browser)


ROUTES = (
    _route("GET", "/v1/account", accounts.NOTHING, accounts.retrieve_own),
    _route("POST", "/v1/accounts", accounts.CREATE, accounts.create),
    _route("GET", "/v1/accounts", accounts.LIST, accounts.list_all),
    _route("GET", "/v1/accounts/{}", accounts.NOTHING, accounts.retrieve),
    _route("POST", "/v1/accounts/{}", accounts.UPDATE, accounts.update),
    _route("DELETE", "/v1/accounts/{}", accounts.NOTHING, accounts.delete),
    _route("GET", "/v1/application_fees", ledger.LIST_FEES, ledger.list_fees),
    _route("GET", "/v1/application_fees/{}", ledger.NOTHING, ledger.retrieve_fee),
    _route("GET", "/v1/balance", ledger.NOTHING, ledger.retrieve_balance),
    _route("GET", "/v1/balance_transactions", ledger.LIST, ledger.list_transactions),
    _route("GET", "/v1/balance_transactions/{}", ledger.NOTHING, ledger.retrieve_transaction),
    _route("GET", "/v1/charges", charges.LIST, charges.list_all),
    _route("GET", "/v1/charges/{}", accounts.NOTHING, charges.retrieve),
    _route("POST", "/v1/charges/{}", charges.UPDATE, charges.update),
    _route("GET", "/v1/charges/{}/refunds", charges.REFUNDS, charges.list_refunds),
    _route("POST", "/v1/checkout/sessions", sessions.CREATE, sessions.create),
    _route("GET", "/v1/checkout/sessions", sessions.LIST, sessions.list_all),
    _route("GET", "/v1/checkout/sessions/{}", sessions.NOTHING, sessions.retrieve),
    _route("POST", "/v1/checkout/sessions/{}", sessions.UPDATE, sessions.update),
    _route("POST", "/v1/checkout/sessions/{}/expire", sessions.NOTHING, sessions.expire),
    _route("GET", "/v1/checkout/sessions/{}/line_items", sessions.LINES, sessions.list_lines),
    _route("GET", "/v1/checkout/sessions/{}/sheet", sheet.READ, sheet.read, for_browser=True),
    _route("POST", "/v1/checkout/sessions/{}/sheet/confirm", sheet.CONFIRM, sheet.confirm, for_browser=True),
    _route("POST", "/v1/customers", customers.CREATE, customers.create),
    _route("GET", "/v1/customers", customers.LIST, customers.list_all),
    _route("GET", "/v1/customers/{}", accounts.NOTHING, customers.retrieve),
    _route("POST", "/v1/customers/{}", customers.CREATE, customers.update),
    _route("DELETE", "/v1/customers/{}", accounts.NOTHING, customers.delete),
    _route("GET", "/v1/customers/{}/payment_methods", payment_methods.LIST, payment_methods.list_of_customer),
    _route("GET", "/v1/disputes", disputes.LIST, disputes.list_all),
    _route("GET", "/v1/disputes/{}", disputes.NOTHING, disputes.retrieve),
    _route("POST", "/v1/disputes/{}", disputes.UPDATE, disputes.update),
    _route("POST", "/v1/disputes/{}/close", disputes.NOTHING, disputes.close),
    _route("GET", "/v1/events", events.LIST, events.list_all),
    _route("GET", "/v1/events/{}", events.NOTHING, events.retrieve),
    _route("POST", "/v1/payment_intents", payment_intents.CREATE, payment_intents.create),
    _route("GET", "/v1/payment_intents", payment_intents.LIST, payment_intents.list_all),
    _route("GET", "/v1/payment_intents/{}", payment_intents.RETRIEVE, payment_intents.retrieve),
    _route("POST", "/v1/payment_intents/{}", payment_intents.UPDATE, payment_intents.update),
    _route("POST", "/v1/payment_intents/{}/cancel", payment_intents.CANCEL, payment_intents.cancel),
    _route("POST", "/v1/payment_intents/{}/capture", payment_intents.CAPTURE, payment_intents.capture),
    _route("POST", "/v1/payment_intents/{}/confirm", payment_intents.CONFIRM, payment_intents.confirm),
    _route("POST", "/v1/payment_methods", payment_methods.CREATE, payment_methods.create, for_browser=True),
    _route("POST", "/v1/payment_methods", payment_methods.CREATE, payment_methods.create_by_server),
    _route("GET", "/v1/payment_methods", payment_methods.LIST, payment_methods.list_all),
    _route("GET", "/v1/payment_methods/{}", payment_methods.NOTHING, payment_methods.retrieve),
    _route("POST", "/v1/payment_methods/{}/attach", payment_methods.ATTACH, payment_methods.attach),
    _route("POST", "/v1/payment_methods/{}/detach", payment_methods.NOTHING, payment_methods.detach),
    _route("POST", "/v1/payouts", payouts.CREATE, payouts.create),
    _route("GET", "/v1/payouts", payouts.LIST, payouts.list_all),
    _route("GET", "/v1/payouts/{}", payouts.NOTHING, payouts.retrieve),
    _route("POST", "/v1/payouts/{}/cancel", payouts.NOTHING, payouts.cancel),
    _route("POST", "/v1/prices", prices.CREATE, prices.create),
    _route("GET", "/v1/prices", prices.LIST, prices.list_all),
    _route("GET", "/v1/prices/{}", accounts.NOTHING, prices.retrieve),
    _route("POST", "/v1/prices/{}", prices.UPDATE, prices.update),
    _route("POST", "/v1/products", products.CREATE, products.create),
    _route("GET", "/v1/products", products.LIST, products.list_all),
    _route("GET", "/v1/products/{}", accounts.NOTHING, products.retrieve),
    _route("POST", "/v1/products/{}", products.UPDATE, products.update),
    _route("DELETE", "/v1/products/{}", accounts.NOTHING, products.delete),
    _route("POST", "/v1/refunds", refunds.CREATE, refunds.create),
    _route("GET", "/v1/refunds", refunds.LIST, refunds.list_all),
    _route("GET", "/v1/refunds/{}", accounts.NOTHING, refunds.retrieve),
    _route("POST", "/v1/refunds/{}", refunds.UPDATE, refunds.update),
    _route("POST", "/v1/webhook_endpoints", webhook_endpoints.CREATE, webhook_endpoints.create),
    _route("GET", "/v1/webhook_endpoints", webhook_endpoints.LIST, webhook_endpoints.list_all),
    _route("GET", "/v1/webhook_endpoints/{}", webhook_endpoints.NOTHING, webhook_endpoints.retrieve),
    _route("POST", "/v1/webhook_endpoints/{}", webhook_endpoints.UPDATE, webhook_endpoints.update),
    _route("DELETE", "/v1/webhook_endpoints/{}", webhook_endpoints.NOTHING, webhook_endpoints.delete),
)


def match(method: str, path: str) -> list[Route]:
    """The routes of that method and path: none, one, or one for each kind of key."""
    return [route for route in ROUTES if route.method == method and route.pattern.fullmatch(path)]


def is_for_browser(path: str) -> bool:
    """May a page ask for this path with any method?"""
    return any(route.for_browser and route.pattern.fullmatch(path) for route in ROUTES)
