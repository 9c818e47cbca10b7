"""Letters with figures, who refuses them, and runs of reports."""

from django.db import migrations, models

import merchants.foundation.ids


class Migration(migrations.Migration):
    dependencies = [("rooms", "0007_viewer_experiments")]

    operations = [
        migrations.CreateModel(
            name="InsightLetter",
            fields=[
                ("id", models.UUIDField(default=merchants.foundation.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("show", "After a show"), ("week", "Every week")], max_length=4)),
                ("subject", models.CharField(max_length=40)),
                ("person_id", models.UUIDField()),
                ("room_id", models.UUIDField(null=True)),
                ("since", models.DateField()),
                ("until", models.DateField()),
                ("due_at", models.DateTimeField()),
                ("claimed_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "insight_letter",
                "indexes": [models.Index(condition=models.Q(("sent_at", None)), fields=["due_at"], name="insight_letter_due")],
                "constraints": [models.UniqueConstraint(fields=("kind", "subject", "person_id"), name="insight_letter_once")],
            },
        ),
        migrations.CreateModel(
            name="LetterRefusal",
            fields=[
                ("person_id", models.UUIDField(primary_key=True, serialize=False)),
                ("refused_at", models.DateTimeField()),
            ],
            options={"db_table": "insight_letter_refusal"},
        ),
        migrations.CreateModel(
            name="ReportRun",
            fields=[
                ("id", models.UUIDField(default=merchants.foundation.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("room_id", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("working", "Working"),
                            ("done", "Up to date"),
                            ("cancelled", "Called off"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("permille", models.PositiveSmallIntegerField(default=0)),
                ("computed", models.PositiveSmallIntegerField(default=0)),
                ("asked_by", models.CharField(blank=True, max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("claimed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "report_run",
                "indexes": [models.Index(fields=["room_id", "-asked_at"], name="report_run_of_room")],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("state__in", ["waiting", "working"])), fields=("room_id",), name="report_run_one_open"),
                    models.CheckConstraint(condition=models.Q(("permille__lte", 1000)), name="report_run_permille"),
                ],
            },
        ),
    ]
