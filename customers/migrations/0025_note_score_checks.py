from django.db import migrations

FUNCTION = """
CREATE FUNCTION customers_note_score_checks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM customers_idealprofile WHERE is_active)
        OR EXISTS (SELECT FROM customers_scoring WHERE signals <> '[]'::jsonb)
    THEN
        INSERT INTO customers_scorecheck (customer_id) SELECT DISTINCT customer_id FROM added;
    END IF;
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER customers_note_score_checks AFTER INSERT ON customers_arrival REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION customers_note_score_checks()
"""


class Migration(migrations.Migration):
    """Whoever notes that a customer has new facts also has the customer's score looked at."""

    dependencies = [("customers", "0024_scores")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION customers_note_score_checks()"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER customers_note_score_checks ON customers_arrival"),
    ]
