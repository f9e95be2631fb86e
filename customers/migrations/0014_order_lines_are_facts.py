import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0013_order_lines_of_first_versions")]

    operations = [
        migrations.AlterField(
            model_name="orderline",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.customer",
            ),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="key",
            field=models.CharField(max_length=200),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="occurred_at",
            field=models.DateTimeField(),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.order"
            ),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="original_customer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.customer",
            ),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="quantity",
            field=models.DecimalField(decimal_places=3, default=1, max_digits=13),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="source",
            field=models.CharField(max_length=64),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(
                condition=models.Q(("first__isnull", False)),
                fields=["first"],
                name="customers_orderline_later",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at", None)),
                fields=("source", "key"),
                name="customers_orderline_one_live_version",
            ),
        ),
    ]
