from django.db import migrations

FUNCTION = """
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


def triggers(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER metrics_note_{event.lower()} AFTER {event} ON {table} REFERENCING {seen}"
        " FOR EACH STATEMENT EXECUTE FUNCTION metrics_note_changed_purchases()"
        for event, seen in SEEN.items()
    ]


def no_triggers(table: str) -> list[str]:
    return [f"DROP TRIGGER metrics_note_{event.lower()} ON {table}" for event in SEEN]


class Migration(migrations.Migration):
    """Who sees a changed order or refund also sees that its customer's roll-up is behind."""

    dependencies = [("metrics", "0002_purchases"), ("customers", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION metrics_note_changed_purchases()"),
        migrations.RunSQL(triggers("customers_order"), no_triggers("customers_order")),
        migrations.RunSQL(triggers("customers_refund"), no_triggers("customers_refund")),
    ]
