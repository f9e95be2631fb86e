from django.db import migrations

# Each customer is looked up by the index, whatever there was when the plan was made, which a connection keeps: one for
# ten customers would read all of them for each of a million, one for a million would for each of ten.
NOBODY = """
CREATE OR REPLACE FUNCTION customers_refuse_nobody() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT customer_id FROM written) AS w LEFT JOIN LATERAL
            (SELECT true AS is_there FROM customers_customer c WHERE c.id = w.customer_id OFFSET 0) AS found ON true
        WHERE found.is_there IS NULL)
    THEN
        RAISE foreign_key_violation USING
            MESSAGE = format('A row of %s names a customer who is not there.', TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    """Also where the function was made before it looked each customer up by itself."""

    dependencies = [("customers", "0036_brought_of_a_thing")]

    operations = [migrations.RunSQL(NOBODY, migrations.RunSQL.noop)]
