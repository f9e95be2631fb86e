from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0001_squashed_0012_journey_map_wordings"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="componentperiod",
            index=models.Index(
                fields=["customer"],
                condition=Q(superseded_at__isnull=False),
                name="lifecycle_component_past",
            ),
        ),
    ]
