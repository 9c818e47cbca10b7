"""What Django cannot say: the chart of accounts, order numbers, and a ledger that cannot be out of balance.

The trigger functions name their tables by TG_TABLE_SCHEMA, so that a schema's clone checks its own rows whatever the
search path is.
"""

from django.db import migrations

ACCOUNTS = ("stripe_clearing", "bank", "sales", "stripe_fees", "platform_fees", "refunds", "disputes", "fx_conversion")

BALANCED = """
CREATE FUNCTION ledger_journal_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    apart text;
BEGIN
    EXECUTE format(
        'SELECT string_agg(currency || '' '' || total, '', '') FROM (SELECT currency, sum(amount_minor) AS total FROM %I.ledger_posting '
        'WHERE journal_id = $1 GROUP BY currency HAVING sum(amount_minor) <> 0) AS open', TG_TABLE_SCHEMA)
    INTO apart USING NEW.journal_id;
    IF apart IS NOT NULL THEN
        RAISE EXCEPTION 'journal % does not balance: %', NEW.journal_id, apart USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$"""

POSTED = """
CREATE FUNCTION ledger_journal_has_postings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lines integer;
BEGIN
    EXECUTE format('SELECT count(*) FROM %I.ledger_posting WHERE journal_id = $1', TG_TABLE_SCHEMA) INTO lines USING NEW.id;
    IF lines < 2 THEN
        RAISE EXCEPTION 'journal % moves no money', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$"""


class Migration(migrations.Migration):
    dependencies = [("commerce", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [("INSERT INTO ledger_account (code) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", [list(ACCOUNTS)])],
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL("CREATE SEQUENCE order_number", "DROP SEQUENCE order_number"),
        migrations.RunSQL(BALANCED, "DROP FUNCTION ledger_journal_balances()"),
        migrations.RunSQL(POSTED, "DROP FUNCTION ledger_journal_has_postings()"),
        migrations.RunSQL(
            "CREATE CONSTRAINT TRIGGER ledger_posting_balances AFTER INSERT OR UPDATE ON ledger_posting "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_journal_balances()",
            "DROP TRIGGER ledger_posting_balances ON ledger_posting",
        ),
        migrations.RunSQL(
            "CREATE CONSTRAINT TRIGGER ledger_journal_posted AFTER INSERT ON ledger_journal "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_journal_has_postings()",
            "DROP TRIGGER ledger_journal_posted ON ledger_journal",
        ),
    ]
