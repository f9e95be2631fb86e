from django.db import migrations


class Migration(migrations.Migration):
    """A period's model is that of its stage: Django has no composite foreign key, the database has."""

    dependencies = [("lifecycle", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE lifecycle_stageperiod ADD CONSTRAINT lifecycle_period_stage_of_model"
            " FOREIGN KEY (stage_id, model_id) REFERENCES lifecycle_stage (id, model_id)",
            "ALTER TABLE lifecycle_stageperiod DROP CONSTRAINT lifecycle_period_stage_of_model",
        )
    ]
