import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models
from django.db.models import F

import clm.base.db


class Migration(migrations.Migration):
    """Columns of a fact, empty for the lines that are there."""

    dependencies = [("customers", "0011_lighter_to_fill")]

    operations = [
        *(
            migrations.AddField(
                "orderline",
                name,
                models.ForeignKey(
                    to="customers.customer",
                    on_delete=django.db.models.deletion.PROTECT,
                    null=True,
                    related_name="+",
                    db_index=False,
                    db_constraint=has_constraint,
                ),
            )
            for name, has_constraint in (("customer", True), ("original_customer", False))
        ),
        migrations.AddField(
            "orderline",
            "written_by",
            models.ForeignKey(
                to="customers.import",
                on_delete=django.db.models.deletion.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                db_constraint=False,
            ),
        ),
        migrations.AddField("orderline", "source", models.CharField(max_length=64, null=True)),
        migrations.AddField("orderline", "key", models.CharField(max_length=200, null=True)),
        migrations.AddField("orderline", "occurred_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "orderline", "recorded_at", models.DateTimeField(db_default=clm.base.db.ClockTimestamp())
        ),
        migrations.AddField("orderline", "superseded_at", models.DateTimeField(null=True, blank=True)),
        migrations.AddField(
            "orderline",
            "first",
            models.ForeignKey(
                to="customers.orderline",
                on_delete=django.db.models.deletion.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                db_index=False,
            ),
        ),
        migrations.AddField(
            "orderline",
            "root",
            models.GeneratedField(
                expression=django.db.models.functions.comparison.Coalesce(F("first_id"), F("id")),
                output_field=models.BigIntegerField(),
                db_persist=True,
            ),
        ),
    ]
