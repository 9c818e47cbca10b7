"""Tags of seasons, episodes and cues."""

import django.contrib.postgres.fields
from django.db import migrations, models


def _tags() -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(
        models.CharField(max_length=40), blank=True, db_default=[], default=list, editable=False, size=None, verbose_name="tags"
    )


class Migration(migrations.Migration):
    dependencies = [("dramas", "0003_watch_position")]

    operations = [
        migrations.AddField("season", "tags", _tags()),
        migrations.AddField("episode", "tags", _tags()),
        migrations.AddField("cue", "tags", _tags()),
    ]
