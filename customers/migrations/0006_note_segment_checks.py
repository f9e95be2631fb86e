from django.db import migrations

FUNCTION = """
CREATE FUNCTION customers_note_segment_checks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM customers_segment WHERE kind = 'dynamic') THEN
        INSERT INTO customers_segmentcheck (customer_id) SELECT DISTINCT customer_id FROM added;
    END IF;
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER customers_note_segment_checks AFTER INSERT ON customers_arrival REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION customers_note_segment_checks()
"""


class Migration(migrations.Migration):
    """Whoever notes that a customer has new facts also has the customer's segments looked at."""

    dependencies = [("customers", "0005_segment")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION customers_note_segment_checks()"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER customers_note_segment_checks ON customers_arrival"),
    ]
