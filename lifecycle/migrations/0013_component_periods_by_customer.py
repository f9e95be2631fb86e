from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0001_squashed_0012_journey_map_wordings"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="componentperiod",
            index=models.Index(fields=["customer"], name="lifecycle_component_of"),
        ),
    ]
