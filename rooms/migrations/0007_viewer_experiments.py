"""Experiments on cards, prices and picture quality, and the metrics of the rollups and the ledger."""

from django.db import migrations, models
from django.db.models import Q

KINDS = [
    ("cue_time", "Time of the cards"),
    ("card_design", "Design of the card"),
    ("price_display", "How the price is shown"),
    ("quality_ladder", "Picture quality"),
    ("episode_order", "Order of the episodes"),
    ("free_count", "Number of free episodes"),
    ("drama_or_live", "Drama or live host"),
]
METRICS = [
    ("buyers", "viewers who buy"),
    ("revenue", "revenue a viewer"),
    ("orders", "orders a viewer"),
    ("order_value", "value of an order"),
    ("refunds", "money paid back a viewer"),
    ("refund_rate", "share of the money paid back"),
    ("dwell", "time watched a viewer"),
    ("interactions", "danmaku, likes and gifts a viewer"),
    ("clicks", "taps on cards a viewer"),
    ("click_through", "share of the shown cards that are tapped"),
    ("returns", "later visits a viewer"),
    ("stalled", "stalled time to watched time"),
    ("early_exits", "share of visits left within half a minute"),
    ("takings", "money kept a viewer after fees and refunds"),
]


class Migration(migrations.Migration):
    dependencies = [("rooms", "0006_experiments")]

    operations = [
        migrations.AddField("experimentvariant", "payload", models.JSONField(blank=True, db_default={}, default=dict)),
        migrations.AlterField("experiment", "kind", models.CharField(choices=KINDS, max_length=16, verbose_name="what varies")),
        migrations.AlterField("experimentgoal", "metric", models.CharField(choices=METRICS, max_length=24, verbose_name="metric")),
        migrations.RemoveConstraint("experiment", "experiment_kind_known"),
        migrations.AddConstraint(
            "experiment", models.CheckConstraint(condition=Q(kind__in=[name for name, _ in KINDS]), name="experiment_kind_known")
        ),
    ]
