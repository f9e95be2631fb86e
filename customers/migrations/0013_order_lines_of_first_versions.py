from django.db import migrations

# A line so far belonged to one version of an order, and has that version's clocks.
FILL = """
UPDATE customers_orderline l SET customer_id = o.customer_id, original_customer_id = o.original_customer_id,
    source = o.source, key = o.root || '-' || l.id, occurred_at = o.occurred_at, recorded_at = o.recorded_at,
    superseded_at = o.superseded_at, written_by_id = o.written_by_id, order_id = o.root
FROM customers_order o WHERE o.id = l.order_id
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0012_order_lines_with_clocks")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
