"""Finance: the page, the comparison with Stripe, and a CSV whose total is the ledger's and Stripe's."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from commerce.finance.exports import BOM, COLUMNS, stream_orders_csv
from commerce.finance.periods import bounds, step
from commerce.ledger.actions import OrderTrace, ProcessorTrace, Sale, post_capture
from commerce.ledger.models import Posting
from commerce.payments.actions import refund_order, settle_order
from merchants.foundation.models import AuditEntry
from merchants.foundation.money import Money, to_decimal
from merchants.foundation.tenancy import in_schema
from tests.commerce.test_payments import balance_of, clearing

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "/finance/exports/orders.csv"
PRICE = Money(8900, "USD")


def parse(body: bytes) -> list[dict[str, str]]:
    assert body.startswith(BOM)
    return list(csv.DictReader(io.StringIO(body[len(BOM) :].decode(), newline="")))


def read(response) -> bytes:
    return b"".join(response)


def post(sku: str = "SKU", *, number: str = "A-2026-000001", amount: Money = PRICE, at: datetime = AT) -> None:
    trace = OrderTrace(order_id=uuid4(), order_no=number)
    with transaction.atomic():
        post_capture(order=trace, processor=ProcessorTrace(payment_intent=f"pi_{uuid4().hex}"), sales=[Sale(sku, 1, amount)], at=at)


@pytest.mark.django_db(transaction=True)
def test_csv_equals_ledger_equals_stripe(desk, aurora, sell, enter):
    """Parsed, the CSV's net is the ledger's clearing and Stripe's balance; debits equal credits; every posting is a row."""
    for price in (1999, 8900, 12345):
        checkout = desk.buy(sell(aurora, price_minor=price))
        desk.submit(checkout)
        with in_schema(aurora.schema):
            settle_order(order_id=checkout.order.id)
    with in_schema(aurora.schema):
        refund_order(order_id=checkout.order.id, actor="owner")
        ledger, stripe_balance, count = clearing(), balance_of(desk), Posting.objects.count()
    body = read(enter(aurora, "finance").get(URL))
    rows = parse(body)
    assert len(rows) == count
    assert sum(Decimal(row["net"] or 0) for row in rows) == to_decimal(Money(ledger, "USD")) == to_decimal(Money(stripe_balance, "USD"))
    assert sum(Decimal(row["debit"] or 0) for row in rows) == sum(Decimal(row["credit"] or 0) for row in rows) > 0
    assert {row["order_no"] for row in rows if row["event_type"] == "refund"} == {checkout.order.number}
    assert body == read(enter(aurora, "owner").get(URL))


@pytest.mark.django_db(transaction=True)
class TestFile:
    """How the file is written."""

    def test_lines_end_with_crlf_and_the_header_is_the_column_list(self, aurora):
        """BOM, header, CRLF everywhere, no bare line feed."""
        with in_schema(aurora.schema):
            post()
        body = b"".join(stream_orders_csv(schema="aurora", period=None, time_zone="UTC"))
        assert body.count(b"\n") == body.count(b"\r\n") == 3
        assert body[len(BOM) :].split(b"\r\n")[0].decode() == ",".join(COLUMNS)

    def test_yen_and_dinars_have_their_own_decimals(self, aurora):
        """500 yen is 500, 12345 fils is 12.345."""
        with in_schema(aurora.schema):
            post(amount=Money(500, "JPY"))
            post(amount=Money(12345, "KWD"))
        rows = parse(b"".join(stream_orders_csv(schema="aurora", period=None, time_zone="UTC")))
        assert {row["currency"]: row["gross"] for row in rows if row["gross"]} == {"JPY": "500", "KWD": "12.345"}

    def test_a_month_begins_on_the_merchants_wall(self, aurora):
        """The period filter takes the month in which the merchant saw it."""
        with in_schema(aurora.schema):
            post(at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
            post(at=datetime(2026, 11, 1, 0, 0, tzinfo=UTC))
        rows = parse(b"".join(stream_orders_csv(schema="aurora", period="2026-11", time_zone="Asia/Shanghai")))
        assert {row["occurred_at_local"] for row in rows} == {"2026-11-01T08:00:00"}
        assert {row["occurred_at_utc"] for row in rows} == {"2026-11-01T00:00:00Z"}

    def test_a_shops_file_has_only_its_own_rows(self, aurora, borealis):
        """Both shops sold; each file names one tenant."""
        for shop, sku in ((aurora, "A"), (borealis, "B")):
            with in_schema(shop.schema):
                post(sku)
        for shop, sku in ((aurora, "A"), (borealis, "B")):
            rows = parse(b"".join(stream_orders_csv(schema=shop.schema, period=None, time_zone="UTC")))
            assert {(row["tenant"], row["sku"]) for row in rows if row["sku"]} == {(shop.schema, sku)}

    @hypothesis_settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(sku=st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=60))
    def test_no_cell_is_a_formula(self, aurora, sku):
        """Whatever a text says, no cell begins like a formula, the rows stay whole, and the text survives."""
        with in_schema(aurora.schema):
            post(sku, number=sku[:24])
        body = b"".join(stream_orders_csv(schema="aurora", period=None, time_zone="UTC"))
        rows = parse(body)
        with in_schema(aurora.schema):
            assert len(rows) == Posting.objects.count()
        numbers = {"gross", "fee_stripe", "fee_platform", "net", "debit", "credit"}
        for row in rows:
            assert set(row) == set(COLUMNS)
            for name, cell in row.items():
                assert name in numbers or not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "|", "%")), (name, cell)
        if sku.isalnum():
            assert sku in {row["sku"] for row in rows}

    def test_formula_gets_an_apostrophe_and_a_negative_number_does_not(self, aurora):
        """`=1+1` is text afterwards; the net of a refund stays a number."""
        from commerce.ledger.actions import post_refund

        with in_schema(aurora.schema):
            post("=1+1")
            with transaction.atomic():
                trace = OrderTrace(order_id=uuid4(), order_no="A")
                post_refund(order=trace, processor=ProcessorTrace(), refund_id="re_1", amount=Money(500, "USD"), at=AT)
        rows = parse(b"".join(stream_orders_csv(schema="aurora", period=None, time_zone="UTC")))
        assert "'=1+1" in {row["sku"] for row in rows}
        assert "-5.00" in {row["net"] for row in rows}


@pytest.mark.django_db(transaction=True)
class TestDoors:
    """Who may see what."""

    @pytest.mark.parametrize(
        ("role", "status"), [("owner", 200), ("finance", 200), ("editor", 403), ("host", 403), ("moderator", 403), ("reviewer", 403)]
    )
    @pytest.mark.parametrize("path", ["/finance/", "/finance/reconciliation/", URL])
    def test_only_owner_and_finance_come_in(self, aurora, enter, role, status, path):
        """Others read why not; nothing is exported or noted."""
        response = enter(aurora, role).get(path)
        assert response.status_code == status
        with in_schema(aurora.schema):
            assert AuditEntry.objects.filter(action="finance.export").count() == (1 if status == 200 and path == URL else 0)

    @pytest.mark.parametrize("path", ["/finance/", "/finance/reconciliation/", URL])
    def test_strangers_and_people_of_the_other_shop_sign_in_first(self, aurora, borealis, browse, enter, path):
        """No session, or the other shop's: the sign-in page."""
        assert browse(aurora).get(path).status_code == 302
        other = enter(borealis, "owner")
        visitor = browse(aurora)
        visitor.cookies = other.cookies
        assert visitor.get(path).status_code == 302

    def test_page_links_every_movement_to_its_order(self, aurora, enter):
        """A movement's row leads to the order; the totals say what came."""
        with in_schema(aurora.schema):
            post(at=datetime.now(UTC))
            order_id = Posting.objects.select_related("journal").first().journal.order_id
        page = enter(aurora, "finance").get("/finance/").content.decode()
        assert f"/admin/commerce/order/{order_id}/change/" in page
        assert "$89.00" in page

    def test_empty_month_says_so(self, aurora, enter):
        """A month without movements has words instead of empty tables."""
        page = enter(aurora, "finance").get("/finance/?period=2026-01").content.decode()
        assert "No money moved in this month." in page

    @pytest.mark.parametrize("period", ["2026-13", "x", "=1", "2026-1", "../../etc"])
    def test_what_is_no_month_is_refused_in_words(self, aurora, enter, period):
        """A malformed period is 422 with the reason, on the page and for the file."""
        client = enter(aurora, "finance")
        assert [client.get(path, {"period": period}).status_code for path in ("/finance/", URL)] == [422, 422]

    def test_page_needs_the_same_queries_whatever_it_holds(self, aurora, enter):
        """Fifty movements cost as many queries as one."""
        client = enter(aurora, "finance")
        counts = []
        for add in (1, 50):
            with in_schema(aurora.schema):
                for _ in range(add):
                    post(at=datetime.now(UTC))
            client.get("/finance/")
            with CaptureQueriesContext(connection) as captured:
                client.get("/finance/")
            counts.append(len([query for query in captured if "ledger_" in query["sql"]]))
        assert counts == [6, 6]

    def test_stripe_not_answering_is_said_and_the_ledger_stays(self, aurora, desk, sell, enter):
        """The comparison answers 503 with a sentence and a way to try again."""
        desk.buy(sell(aurora))
        settings.STRIPE_API_BASE = "http://127.0.0.1:9"
        response = enter(aurora, "finance").get("/finance/reconciliation/")
        assert response.status_code == 503
        assert "data-retry" in response.content.decode()


def test_months_step_over_the_year():
    """December is followed by January of the next year."""
    assert step("2026-12", 1) == "2027-01"
    assert step("2026-01", -1) == "2025-12"
    assert bounds("2026-03", "Europe/Berlin") == (datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC))
