import clm.base.db
import clm.base.money
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.db import migrations, models

from clm.base.tables import CreateTables

# Who sees a changed order or refund also sees that its customer's roll-up is behind.
CHANGED = """
CREATE FUNCTION metrics_note_changed_purchases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO metrics_changedpurchases (customer_id) SELECT DISTINCT customer_id FROM added;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO metrics_changedpurchases (customer_id) SELECT customer_id FROM added UNION SELECT customer_id FROM removed;
    ELSE
        INSERT INTO metrics_changedpurchases (customer_id) SELECT DISTINCT customer_id FROM removed;
    END IF;
    RETURN NULL;
END $$
"""
SEEN = {"INSERT": "NEW TABLE AS added", "UPDATE": "OLD TABLE AS removed NEW TABLE AS added", "DELETE": "OLD TABLE AS removed"}


def note_each(table: str, event: str) -> migrations.RunSQL:
    name = f"metrics_note_{event.lower()}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {SEEN[event]}"
        " FOR EACH STATEMENT EXECUTE FUNCTION metrics_note_changed_purchases()",
        f"DROP TRIGGER {name} ON {table}",
    )


class Migration(migrations.Migration):
    """What the migrations before made step by step, for a new database. Those that have some go on from there."""

    replaces = [
        ("metrics", "0001_initial"),
        ("metrics", "0002_purchases"),
        ("metrics", "0003_note_changed_purchases"),
        ("metrics", "0004_lean_indexes"),
        ("metrics", "0005_later_versions"),
        ("metrics", "0006_rows_waiting_for_a_rate"),
        ("metrics", "0007_spend_s_import_by_word"),
    ]

    initial = True

    dependencies = [
        ("customers", "0011_lighter_to_fill"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name='Spend',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('occurred_at', models.DateTimeField()),
                        ('source', models.CharField(max_length=64)),
                        ('key', models.CharField(max_length=200)),
                        ('root', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('first_id'), models.F('id')), output_field=models.BigIntegerField())),
                        ('campaign', models.CharField(blank=True, max_length=200)),
                        ('type', models.CharField(choices=[('media', 'Media'), ('tools', 'Tools'), ('people', 'People'), ('commission', 'Commission'), ('other', 'Other')], default='media', max_length=12)),
                        ('amount', clm.base.money.AmountField(decimal_places=4, max_digits=16)),
                        ('currency', clm.base.money.CurrencyField(max_length=3, validators=[clm.base.money.validate_currency])),
                        ('rate', clm.base.money.RateField(blank=True, decimal_places=8, max_digits=18, null=True)),
                        ('reporting', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(models.F('amount'), '*', models.F('rate')), output_field=clm.base.money.AmountField(decimal_places=4, max_digits=16, null=True))),
                        ('channel', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.channel')),
                        ('first', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='metrics.spend')),
                        ('written_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.import')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('superseded_at', None)), fields=['occurred_at', 'channel'], name='metrics_spend_at'), models.Index(condition=models.Q(('first__isnull', False)), fields=['first'], name='metrics_spend_later'), models.Index(condition=models.Q(('rate', None), ('superseded_at', None)), fields=['currency'], name='metrics_spend_unrated')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('source', 'key'), name='metrics_spend_one_live_version'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='metrics_spend_not_negative')],
                    },
                ),
                migrations.CreateModel(
                    name='ChangedPurchases',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('customer_id', models.BigIntegerField()),
                    ],
                ),
                migrations.CreateModel(
                    name='Folding',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('zone', models.CharField(max_length=64)),
                        ('folded_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='metrics_folding_is_one_row')],
                    },
                ),
                migrations.CreateModel(
                    name='Purchase',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('order_id', models.BigIntegerField()),
                        ('at', models.DateTimeField()),
                        ('day', models.DateField()),
                        ('is_first', models.BooleanField()),
                        ('next_at', models.DateTimeField(null=True)),
                        ('gap', models.IntegerField(null=True)),
                        ('kept', models.DecimalField(decimal_places=4, max_digits=16)),
                        ('revenue', models.DecimalField(decimal_places=12, max_digits=24, null=True)),
                        ('gross', models.DecimalField(decimal_places=12, max_digits=24, null=True)),
                        ('channel_id', models.BigIntegerField(null=True)),
                        ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['at'], name='metrics_purchase_at'), models.Index(condition=models.Q(('is_first', True)), fields=['at'], name='metrics_purchase_first')],
                    },
                ),
            ]
        ),
        migrations.RunSQL(CHANGED, "DROP FUNCTION metrics_note_changed_purchases()"),
        *(note_each(table, event) for table in ("customers_order", "customers_refund") for event in SEEN),
    ]
