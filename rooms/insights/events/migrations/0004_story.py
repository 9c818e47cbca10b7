"""Ways to events by episode and by moment, and to visits by viewer and by season: what the story's own reports ask for.

The first index of the partitioned table is built while its writers wait; the stream keeps what comes meanwhile. Heartbeats, which are
most of it, are not in it.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

STORY = "CREATE INDEX IF NOT EXISTS insights_event_story ON insights_event (episode_id, kind) WHERE kind IN (4, 12, 14, 15, 16)"

# The live board asks for the minutes since a show began: a few blocks of a day's events, which lie in order of time.
MOMENTS = "CREATE INDEX IF NOT EXISTS insights_event_moments ON insights_event USING brin (at)"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("insights", "0003_longer_variants")]

    operations = [
        migrations.RunSQL(STORY, "DROP INDEX insights_event_story"),
        migrations.RunSQL(MOMENTS, "DROP INDEX insights_event_moments"),
        AddIndexConcurrently("sessionfact", models.Index(fields=["tenant_id", "viewer_id", "first_at"], name="session_fact_by_viewer")),
        AddIndexConcurrently("sessionfact", models.Index(fields=["tenant_id", "season_id"], name="session_fact_of_season")),
    ]
