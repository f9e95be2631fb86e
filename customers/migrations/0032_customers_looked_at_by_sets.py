import django.db.models.deletion
from django.db import migrations, models

TABLES = ("customers_identity", "customers_profilechange")
NOBODY = """
CREATE FUNCTION customers_refuse_nobody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM written w WHERE NOT EXISTS (SELECT FROM customers_customer c WHERE c.id = w.customer_id))
    THEN
        RAISE foreign_key_violation USING
            MESSAGE = format('A row of %s names a customer who is not there.', TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$
"""
STILL_NAMED = """
CREATE FUNCTION customers_refuse_still_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM gone g JOIN customers_identity i ON i.customer_id = g.id)
        OR EXISTS (SELECT FROM gone g JOIN customers_profilechange p ON p.customer_id = g.id)
    THEN
        RAISE foreign_key_violation USING MESSAGE = 'Rows still name the customer who is to be deleted.';
    END IF;
    RETURN NULL;
END $$
"""


def each_written(table: str, event: str) -> migrations.RunSQL:
    name = f"{table}_refuse_nobody_{event.lower()}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING NEW TABLE AS written"
        " FOR EACH STATEMENT EXECUTE FUNCTION customers_refuse_nobody()",
        f"DROP TRIGGER {name} ON {table}",
    )


def without_constraint(model: str) -> migrations.AlterField:
    return migrations.AlterField(
        model_name=model,
        name="customer",
        field=models.ForeignKey(
            db_constraint=False,
            db_index=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="+",
            to="customers.customer",
        ),
    )


class Migration(migrations.Migration):
    """What a foreign key holds of each row, held of each statement: an import writes ten such rows a customer."""

    dependencies = [("customers", "0031_lead_rules_by_conditions")]

    operations = [
        migrations.RunSQL(NOBODY, "DROP FUNCTION customers_refuse_nobody()"),
        migrations.RunSQL(STILL_NAMED, "DROP FUNCTION customers_refuse_still_named()"),
        without_constraint("identity"),
        without_constraint("profilechange"),
        *(each_written(table, event) for table in TABLES for event in ("INSERT", "UPDATE")),
        migrations.RunSQL(
            "CREATE TRIGGER customers_refuse_still_named AFTER DELETE ON customers_customer"
            " REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION customers_refuse_still_named()",
            "DROP TRIGGER customers_refuse_still_named ON customers_customer",
        ),
    ]
