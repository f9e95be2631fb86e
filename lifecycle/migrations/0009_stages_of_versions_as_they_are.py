"""Every version made so far called its stages as they are called now."""

from django.db import migrations

FILL = """
UPDATE lifecycle_versionstage u SET labels = s.labels, kind = s.kind, other_kinds = s.other_kinds,
    is_initial = s.is_initial, colour = s.colour, icon = s.icon
FROM lifecycle_stage s WHERE s.id = u.stage_id;
UPDATE lifecycle_componentrule r SET labels = c.labels, position = c.position
FROM lifecycle_component c WHERE c.id = r.component_id;
UPDATE lifecycle_modelversion v SET labels = m.labels, description = m.description
FROM lifecycle_lifecyclemodel m WHERE m.id = v.model_id;
"""


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0008_a_version_says_what_its_stages_are")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
