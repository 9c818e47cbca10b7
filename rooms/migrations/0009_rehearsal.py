import django.db.models.deletion
from django.db import migrations, models

import merchants.foundation.ids


class Migration(migrations.Migration):

    dependencies = [
        ("rooms", "0008_story"),
    ]

    operations = [
        migrations.AddField(
            model_name="room",
            name="is_rehearsal",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Only staff see it and get in. Its shows leave no replay and count nowhere; ghosts may play in it. Cannot be changed later.",
                verbose_name="rehearsal room",
            ),
        ),
        migrations.CreateModel(
            name="GhostRun",
            fields=[
                ("id", models.UUIDField(default=merchants.foundation.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("speed", models.PositiveSmallIntegerField()),
                ("ghosts", models.PositiveSmallIntegerField()),
                ("started_at", models.DateTimeField()),
                ("stops_at", models.DateTimeField()),
                ("stopped_at", models.DateTimeField(null=True)),
                ("by", models.CharField(max_length=254)),
                ("during", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="rooms.airing")),
                ("past", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="rooms.airing")),
                ("room", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="rooms.room")),
            ],
            options={
                "db_table": "ghost_run",
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("stopped_at", None)), fields=("room",), name="ghosts_once_a_room"),
                    models.CheckConstraint(condition=models.Q(("speed__in", (1, 2, 5, 10))), name="ghosts_speed"),
                    models.CheckConstraint(condition=models.Q(("ghosts__gte", 1), ("ghosts__lte", 500)), name="ghosts_count"),
                ],
            },
        ),
    ]
