from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0015_what_was_taken_back")]

    operations = [
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(
                condition=models.Q(("superseded_at", None)),
                fields=["customer", "occurred_at"],
                name="customers_orderline_at",
            ),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(
                condition=models.Q(("superseded_at", None)),
                fields=["occurred_at"],
                name="customers_orderline_by_time",
            ),
        ),
    ]
