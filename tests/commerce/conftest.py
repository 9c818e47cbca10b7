"""Goods and buyers of the commerce tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from merchants.foundation.tenancy import in_schema


@pytest.fixture
def sell(db: None) -> Callable[..., Any]:
    """`sell(aurora, stock=3)` puts a product with one variant on sale and gives its card."""
    from commerce.catalog.actions import VariantDraft, create_product
    from commerce.catalog.queries import get_card
    from commerce.stock.actions import set_stock

    count = iter(range(1, 10_000))

    def make(
        shop: Any, *, title: str = "North Star pendant", price_minor: int = 8900, stock: int | None = 5, ships: bool = False, grants: str = ""
    ) -> Any:
        with in_schema(shop.schema):
            draft = VariantDraft(sku=f"SKU-{next(count)}", price_minor=price_minor, title="Gold", grants=grants, is_limited=stock is not None)
            card = create_product(title=title, variants=[draft], actor="test", ships=ships)
            if stock is not None:
                set_stock(variant_id=card.variants[0].id, available=stock, reason="delivery", actor="test")
            return get_card(card.id)

    return make


@pytest.fixture
def order(db: None) -> Callable[..., Any]:
    """`order(aurora, card)` places an order for one unit and gives its view."""
    from commerce.orders.actions import Buyer, LineWish, place_order

    count = iter(range(1, 10_000))

    def make(shop: Any, card: Any, *, quantity: int = 1, viewer: str = "", key: str = "", **details: Any) -> Any:
        number = next(count)
        buyer = Buyer(viewer_id=viewer or f"viewer-{number}", email=f"buyer{number}@mail.test", **details)
        with in_schema(shop.schema):
            return place_order(buyer=buyer, client_key=key or f"client-key-{number}", lines=[LineWish(card.variants[0].id, quantity)])

    return make


@pytest.fixture
def level_of() -> Callable[..., Any]:
    """`level_of(aurora, card)` is the stock of the card's first variant."""
    from commerce.stock.queries import get_level

    def read(shop: Any, card: Any) -> Any:
        with in_schema(shop.schema):
            return get_level(card.variants[0].id)

    return read


@pytest.fixture
def in_aurora(aurora: Any) -> Iterator[Any]:
    with in_schema(aurora.schema):
        yield aurora


@pytest.fixture(scope="session")
def stripe_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The sandbox, started once; every test is a platform of its own in it."""
    from tests.commerce.sandbox.running import Sandbox

    running = Sandbox(tmp_path_factory.mktemp("stripe") / "state.sqlite3").start()
    yield running
    running.end()


@pytest.fixture
def open_desk(settings: Any, transactional_db: None, stripe_process: Any) -> Iterator[Callable[..., Any]]:
    """`open_desk(aurora)` lets the shop sell through the sandbox; `sandbox=` takes another process."""
    from merchants.tenants.actions import connect_stripe_account
    from tests.commerce.payment_desk import WEBHOOK_SECRET, Desk, new_key
    from tests.commerce.sandbox.running import Listener

    key = new_key()
    opened: list[Desk] = []

    def make(shop: Any, sandbox: Any = stripe_process) -> Desk:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_PUBLISHABLE_KEY = key, key.replace("sk_", "pk_")
        settings.STRIPE_API_BASE, settings.IS_STRIPE_SANDBOX, settings.STRIPE_WEBHOOK_SECRETS = sandbox.base, True, [WEBHOOK_SECRET]
        settings.STRIPE_BROWSER_BASE = sandbox.base
        listener = opened[0].listener if opened else Listener()
        if not opened:
            for connect in (True, False):
                sandbox.control("webhook-endpoints", {"url": listener.url, "secret": WEBHOOK_SECRET, "connect": connect}, key=key)
        desk = Desk(shop=shop, sandbox=sandbox, listener=listener, key=key)
        opened.append(desk)
        return desk

    yield make
    for desk in opened:
        with in_schema(desk.shop.schema):
            connect_stripe_account(stripe_account="")
    if opened:
        opened[0].listener.close()


@pytest.fixture
def desk(open_desk: Callable[..., Any], aurora: Any) -> Any:
    return open_desk(aurora)


@pytest.fixture
def count_queries(db: None) -> Callable[..., int]:
    """`count_queries(client, path)`: statements of a page, without finding the shop (its host is looked up again every 5 s)."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(client: Any, path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len([query for query in captured if "search_path" not in query["sql"] and "tenants_" not in query["sql"]])

    return count
