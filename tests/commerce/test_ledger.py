"""The ledger lets nothing in that does not balance, and nothing out."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from commerce.ledger.actions import OrderTrace, ProcessorTrace, Sale, Settlement, period_of, post_capture, post_fees, post_payout, post_refund
from commerce.ledger.models import AccountCode, Journal, Posting
from commerce.ledger.queries import get_balance, list_totals
from merchants.foundation.money import Money
from merchants.foundation.tenancy import in_schema
from merchants.tenants.actions import create_merchant

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def capture(number: int = 1, amount: int = 8900) -> bool:
    trace = OrderTrace(order_id=uuid4(), order_no=f"A-2026-{number:06d}")
    with transaction.atomic():
        return post_capture(order=trace, processor=ProcessorTrace(payment_intent=f"pi_{number}"), sales=[Sale("SKU", 1, usd(amount))], at=AT)


def unbalanced(lines: tuple = ((100, "USD"), (-90, "USD"))) -> None:
    journal = Journal.objects.create(txn_id=f"x:{uuid4()}", event_type="capture", occurred_at=AT, recorded_at=AT, period="2026-11")
    for number, (amount, currency) in enumerate(lines, start=1):
        Posting.objects.create(journal=journal, line_no=number, account_id="bank" if amount > 0 else "sales", amount_minor=amount, currency=currency)


@pytest.mark.django_db(transaction=True)
class TestConstraints:
    """What the database itself refuses."""

    @pytest.mark.parametrize("schema", ["aurora", "borealis"])
    def test_unbalanced_journal_is_refused_at_commit_in_a_cloned_schema(self, schema):
        """The shops of the tests are clones of the template: their deferred trigger fires."""
        with in_schema(schema):
            with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
                unbalanced()
            assert not Journal.objects.exists()

    def test_new_clone_checks_its_own_rows_whatever_the_search_path(self):
        """A shop made now refuses an unbalanced journal even when its tables are reached by their full name."""
        shop = create_merchant(name="Comet", subdomain="comet")
        statement = (
            "WITH j AS (INSERT INTO comet.ledger_journal (id, txn_id, event_type, occurred_at, recorded_at, period, "
            "order_no, cue_id, payment_intent, charge, balance_transaction, payout_id, refund_of) "
            "VALUES (gen_random_uuid(), 't', 'capture', now(), now(), '2026-11', '', '', '', '', '', '', '') RETURNING id) "
            "INSERT INTO comet.ledger_posting (journal_id, line_no, account_code, amount_minor, currency, sku) "
            "SELECT id, n, 'bank', n * 100, 'USD', '' FROM j, generate_series(1, 2) n"
        )
        with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        with in_schema(shop.schema):
            assert capture()

    def test_journal_without_postings_is_refused(self, in_aurora):
        """A journal that moves no money does not commit."""
        with pytest.raises(IntegrityError, match="moves no money"), transaction.atomic():
            Journal.objects.create(txn_id="empty", event_type="capture", occurred_at=AT, recorded_at=AT, period="2026-11")

    def test_each_currency_balances_by_itself(self, in_aurora):
        """100 dollars against 100 euros is not a balance."""
        with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
            unbalanced(lines=((100, "USD"), (-100, "EUR")))

    def test_posted_rows_can_neither_be_changed_nor_deleted(self, in_aurora):
        """The application's role has no UPDATE and no DELETE on journal and posting."""
        from django.db import ProgrammingError

        capture()
        for statement in (
            "UPDATE ledger_posting SET amount_minor = 1",
            "DELETE FROM ledger_posting",
            "UPDATE ledger_journal SET period = '2026-10'",
            "DELETE FROM ledger_journal",
        ):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)

    def test_rows_stay_in_their_shop(self, in_aurora):
        """The same payment id in two shops is two movements; each shop sees its own."""
        capture(amount=8900)
        with in_schema("borealis"):
            assert capture(amount=500)
            assert get_balance(AccountCode.STRIPE_CLEARING, "USD") == usd(500)
        assert get_balance(AccountCode.STRIPE_CLEARING, "USD") == usd(8900)


class TestPosting:
    """What the steps post."""

    def test_a_movement_is_posted_once(self, in_aurora, db):
        """The second post of the same payment changes nothing."""
        assert capture()
        assert not capture()
        assert get_balance(AccountCode.STRIPE_CLEARING, "USD") == usd(8900)

    def test_sale_fees_refund_and_payout_leave_what_stripe_says(self, in_aurora, db):
        """Clearing is gross less fees, refunds and payouts; the totals name each."""
        order = OrderTrace(order_id=uuid4(), order_no="A-2026-000001")
        processor = ProcessorTrace(payment_intent="pi_1", charge="ch_1", balance_transaction="txn_1")
        post_capture(order=order, processor=processor, sales=[Sale("A", 2, usd(6000)), Sale("B", 1, usd(2900))], at=AT)
        post_fees(order=order, processor=processor, presentment=usd(8900), settlement=Settlement(usd(8900), usd(288), usd(178)), at=AT)
        back = Settlement(usd(-8900), usd(0), usd(-178))
        post_refund(order=order, processor=processor, refund_id="re_1", amount=usd(8900), at=AT, settlement=back)
        post_payout(processor=ProcessorTrace(payout_id="po_1"), amount=usd(100), at=AT)
        assert get_balance(AccountCode.STRIPE_CLEARING, "USD") == usd(-288 - 100)
        (totals,) = list_totals("2026-11")
        assert (totals.sales, totals.refunds, totals.stripe_fees, totals.platform_fees) == (usd(8900), usd(-8900), usd(-288), usd(0))
        assert (totals.net, totals.payouts, totals.count_payments, totals.count_refunds) == (usd(-288), usd(100), 1, 1)

    def test_settlement_in_another_currency_moves_through_conversion(self, in_aurora, db):
        """A payment in euros that settles in dollars leaves no euros in clearing."""
        order = OrderTrace(order_id=uuid4(), order_no="A-2026-000001")
        processor = ProcessorTrace(payment_intent="pi_1", balance_transaction="txn_1")
        post_capture(order=order, processor=processor, sales=[Sale("A", 1, Money(1000, "EUR"))], at=AT)
        post_fees(order=order, processor=processor, presentment=Money(1000, "EUR"), settlement=Settlement(usd(1100), usd(62), usd(0)), at=AT)
        assert get_balance(AccountCode.STRIPE_CLEARING, "EUR") == Money(0, "EUR")
        assert get_balance(AccountCode.STRIPE_CLEARING, "USD") == usd(1038)

    def test_month_is_the_merchants(self):
        """The last hour of October in Berlin is still October though November began in Tokyo."""
        at = datetime(2026, 10, 31, 22, 30, tzinfo=UTC)
        assert period_of(at, "Europe/Berlin") == "2026-10"
        assert period_of(at, "Asia/Tokyo") == "2026-11"
