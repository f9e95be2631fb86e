import clm.base.db
from django.db import migrations, models

SEGMENTS = "UPDATE customers_segment SET redefined_at = changed_at"
SCORING = """
UPDATE customers_scoring SET redefined_at = greatest(changed_at, (SELECT max(changed_at) FROM customers_idealprofile))
"""


class Migration(migrations.Migration):
    """When what a segment asks, or what scores are made of, last became another. Both tables are small."""

    dependencies = [("customers", "0040_identities_by_import")]

    operations = [
        migrations.AddField(
            model_name="segment",
            name="redefined_at",
            field=models.DateTimeField(db_default=clm.base.db.ClockTimestamp()),
        ),
        migrations.AddField(
            model_name="scoring",
            name="redefined_at",
            field=models.DateTimeField(db_default=clm.base.db.ClockTimestamp()),
        ),
        migrations.RunSQL(SEGMENTS, migrations.RunSQL.noop),
        migrations.RunSQL(SCORING, migrations.RunSQL.noop),
    ]
