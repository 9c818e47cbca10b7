"""What shows are expected to bring at their cards, and what was prepared for."""

import django.db.models.deletion
from django.db import migrations, models

import merchants.foundation.ids


class Migration(migrations.Migration):
    dependencies = [("rooms", "0009_rehearsal")]

    operations = [
        migrations.CreateModel(
            name="ShowForecast",
            fields=[
                (
                    "airing",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="+", serialize=False, to="rooms.airing"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("took_ms", models.PositiveIntegerField()),
                ("cards", models.JSONField()),
            ],
            options={"db_table": "show_forecast"},
        ),
        migrations.CreateModel(
            name="CardPreparation",
            fields=[
                ("id", models.UUIDField(default=merchants.foundation.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("program_seq", models.PositiveBigIntegerField()),
                ("cue_id", models.UUIDField()),
                ("product_id", models.UUIDField()),
                ("due_at", models.DateTimeField()),
                ("lasts_ms", models.PositiveIntegerField()),
                ("expected_taps", models.FloatField()),
                ("expected_orders", models.FloatField()),
                ("opened_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("took_ms", models.PositiveIntegerField(null=True)),
                ("hot_variants", models.PositiveSmallIntegerField(default=0)),
                ("processes", models.PositiveSmallIntegerField(default=0)),
                ("taps", models.PositiveIntegerField(null=True)),
                ("orders", models.PositiveIntegerField(null=True)),
                ("airing", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="rooms.airing")),
            ],
            options={
                "db_table": "card_preparation",
                "indexes": [
                    models.Index(condition=models.Q(("taps", None)), fields=["due_at"], name="card_preparation_uncounted"),
                    models.Index(fields=["due_at"], name="card_preparation_due"),
                ],
                "constraints": [models.UniqueConstraint(fields=("airing", "program_seq", "cue_id"), name="card_prepared_once_an_entry")],
            },
        ),
    ]
