from django.db import migrations

EVENTS = ("insert", "update")
TRIGGER = """
CREATE TRIGGER lifecycle_note_segment_checks_{event} AFTER {event} ON lifecycle_stageperiod
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION customers_note_segment_checks()
"""


class Migration(migrations.Migration):
    """Whoever writes a stay in a stage has the customer's segments looked at: they may ask for stages."""

    dependencies = [("lifecycle", "0004_lean_indexes"), ("customers", "0006_note_segment_checks")]

    operations = [
        migrations.RunSQL(
            TRIGGER.format(event=event),
            f"DROP TRIGGER lifecycle_note_segment_checks_{event} ON lifecycle_stageperiod",
        )
        for event in EVENTS
    ]
