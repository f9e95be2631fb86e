from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0041_redefined_at'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['changed_at', 'id'], name='customers_customer_by_change'),
        ),
    ]
