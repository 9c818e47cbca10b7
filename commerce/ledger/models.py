"""The ledger's tables. Rows of journal and posting are never changed: a correction is a reversal."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.foundation.ids import new_id


class AccountCode(models.TextChoices):
    """The chart of accounts. A positive posting is a debit, a negative one a credit."""

    STRIPE_CLEARING = "stripe_clearing", _("At Stripe")
    BANK = "bank", _("Bank")
    SALES = "sales", _("Sales")
    STRIPE_FEES = "stripe_fees", _("Stripe fees")
    PLATFORM_FEES = "platform_fees", _("Platform fees")
    REFUNDS = "refunds", _("Refunds")
    DISPUTES = "disputes", _("Disputes")
    FX_CONVERSION = "fx_conversion", _("Currency conversion")


class EventType(models.TextChoices):
    """What moved the money."""

    CAPTURE = "capture", _("Payment")
    FEES = "fees", _("Fees")
    REFUND = "refund", _("Refund")
    REFUND_FAILED = "refund_failed", _("Refund that came back")
    DISPUTE = "dispute", _("Dispute")
    PAYOUT = "payout", _("Payout")


class Account(models.Model):
    """One line of the chart of accounts; the migration fills it."""

    code = models.CharField(max_length=24, primary_key=True)

    class Meta:
        db_table = "ledger_account"
        db_table_comment = "lookup"

    def __str__(self) -> str:
        return self.code


class Journal(models.Model):
    """One movement of money. `txn_id` names it once for ever; `period` is the month (`2026-11`) in the merchant's zone.

    It carries every dimension of the export, so that finance reads the ledger alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    txn_id = models.CharField(max_length=120, unique=True)
    event_type = models.CharField(max_length=16, choices=EventType.choices)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    period = models.CharField(max_length=7)
    order_id = models.UUIDField(null=True)
    order_no = models.CharField(max_length=24, blank=True)
    room_id = models.UUIDField(null=True)
    cue_id = models.CharField(max_length=40, blank=True)
    payment_intent = models.CharField(max_length=80, blank=True)
    charge = models.CharField(max_length=80, blank=True)
    balance_transaction = models.CharField(max_length=80, blank=True)
    payout_id = models.CharField(max_length=80, blank=True)
    refund_of = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "ledger_journal"
        db_table_comment = "append-only"
        indexes = [
            models.Index(fields=["period", "occurred_at", "id"], name="journal_period"),
            models.Index(fields=["order_id"], name="journal_order"),
            models.Index(fields=["balance_transaction"], name="journal_balance_txn"),
        ]
        constraints = [models.CheckConstraint(condition=models.Q(period__regex=r"^\d{4}-(0[1-9]|1[0-2])$"), name="journal_period_is_month")]

    def __str__(self) -> str:
        return f"{self.event_type} {self.txn_id}"


class Posting(models.Model):
    """One line of a journal: `amount_minor` > 0 debits the account, < 0 credits it."""

    id = models.BigAutoField(primary_key=True)
    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="postings")
    line_no = models.PositiveSmallIntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_column="account_code")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    sku = models.CharField(max_length=64, blank=True)
    quantity = models.IntegerField(null=True)

    class Meta:
        db_table = "ledger_posting"
        db_table_comment = "append-only"
        constraints = [
            models.UniqueConstraint(fields=["journal", "line_no"], name="posting_line"),
            models.CheckConstraint(condition=~models.Q(amount_minor=0), name="posting_moves_money"),
            models.CheckConstraint(condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="posting_currency"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.amount_minor} {self.currency}"
