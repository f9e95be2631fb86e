import clm.base.db
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clm.base.tables import CreateTables


def check_segments_at_each(event: str) -> migrations.RunSQL:
    """Whoever writes a stay in a stage has the customer's segments looked at: they may ask for stages."""
    name = f"lifecycle_note_segment_checks_{event}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER {event} ON lifecycle_stageperiod REFERENCING NEW TABLE AS added"
        " FOR EACH STATEMENT EXECUTE FUNCTION customers_note_segment_checks()",
        f"DROP TRIGGER {name} ON lifecycle_stageperiod",
    )


class Migration(migrations.Migration):
    """What the migrations before made step by step, for a new database. Those that have some go on from there."""

    replaces = [
        ("lifecycle", "0001_initial"),
        ("lifecycle", "0002_period_stage_of_model"),
        ("lifecycle", "0003_current_stage_query_name"),
        ("lifecycle", "0004_lean_indexes"),
        ("lifecycle", "0005_note_segment_checks"),
        ("lifecycle", "0006_one_foreign_key_for_stage_and_model"),
        ("lifecycle", "0007_original_customer_by_word"),
        ("lifecycle", "0008_a_version_says_what_its_stages_are"),
        ("lifecycle", "0009_stages_of_versions_as_they_are"),
        ("lifecycle", "0010_simulations"),
        ("lifecycle", "0011_journey_maps"),
        ("lifecycle", "0012_journey_map_wordings"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0004_administrators_need_two_factor"),
        ("customers", "0010_ids_of_whom_a_rep_sees"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name='Moment',
                    fields=[
                        ('customer_id', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('at', models.DateTimeField()),
                        ('as_of', models.DateTimeField()),
                    ],
                    options={
                        'db_table': 'walk_moment',
                        'managed': False,
                    },
                ),
                migrations.CreateModel(
                    name='Walker',
                    fields=[
                        ('customer_id', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('since', models.DateTimeField()),
                    ],
                    options={
                        'db_table': 'walk_customer',
                        'managed': False,
                    },
                ),
                migrations.CreateModel(
                    name='LifecycleModel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slug', models.SlugField(unique=True)),
                        ('labels', models.JSONField(default=dict, verbose_name='names')),
                        ('description', models.JSONField(blank=True, default=dict)),
                        ('preset', models.CharField(blank=True, max_length=50)),
                        ('is_primary', models.BooleanField(default=False)),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('is_primary', True)), fields=('is_primary',), name='lifecycle_model_one_primary')],
                    },
                ),
                migrations.CreateModel(
                    name='Component',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slug', models.SlugField()),
                        ('labels', models.JSONField(default=dict)),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                        ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='components', to='lifecycle.lifecyclemodel')),
                    ],
                    options={
                        'ordering': ['model', 'position'],
                        'constraints': [models.UniqueConstraint(fields=('model', 'slug'), name='lifecycle_component_slug_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Stage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slug', models.SlugField()),
                        ('labels', models.JSONField(default=dict, verbose_name='names')),
                        ('kind', models.CharField(choices=[('unaware', 'Unaware'), ('aware', 'Aware'), ('engaged', 'Engaged'), ('qualified', 'Qualified'), ('evaluating', 'Evaluating'), ('buying', 'Buying'), ('onboarding', 'Onboarding'), ('active', 'Active'), ('at_risk', 'At risk'), ('loyal', 'Loyal'), ('expanding', 'Expanding'), ('renewing', 'Renewing'), ('advocate', 'Advocate'), ('churned', 'Churned'), ('won_back', 'Won back')], max_length=12, verbose_name='kind')),
                        ('other_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('unaware', 'Unaware'), ('aware', 'Aware'), ('engaged', 'Engaged'), ('qualified', 'Qualified'), ('evaluating', 'Evaluating'), ('buying', 'Buying'), ('onboarding', 'Onboarding'), ('active', 'Active'), ('at_risk', 'At risk'), ('loyal', 'Loyal'), ('expanding', 'Expanding'), ('renewing', 'Renewing'), ('advocate', 'Advocate'), ('churned', 'Churned'), ('won_back', 'Won back')], max_length=12), blank=True, default=list, size=None)),
                        ('is_initial', models.BooleanField(default=False)),
                        ('is_ours', models.BooleanField(default=False, help_text='Added by this product; the guide the preset follows has no such stage.')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('colour', models.PositiveSmallIntegerField(default=1, verbose_name='colour')),
                        ('icon', models.CharField(blank=True, max_length=40)),
                        ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stages', to='lifecycle.lifecyclemodel')),
                        ('is_drafted', models.BooleanField(default=False)),
                    ],
                    options={
                        'ordering': ['model', 'position'],
                        'constraints': [models.UniqueConstraint(fields=('model', 'slug'), name='lifecycle_stage_slug_once'), models.UniqueConstraint(fields=('id', 'model'), name='lifecycle_stage_id_with_model'), models.UniqueConstraint(condition=models.Q(('is_initial', True)), fields=('model',), name='lifecycle_stage_one_initial')],
                    },
                ),
                migrations.CreateModel(
                    name='ModelVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('status', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=10)),
                        ('governs_from', models.DateTimeField(blank=True, null=True)),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('published_at', models.DateTimeField(blank=True, null=True)),
                        ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='lifecycle.lifecyclemodel')),
                        ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('stages', models.ManyToManyField(through='lifecycle.VersionStage', to='lifecycle.stage')),
                        ('description', models.JSONField(blank=True, default=dict)),
                        ('heirs', models.JSONField(blank=True, default=dict)),
                        ('labels', models.JSONField(blank=True, default=dict, verbose_name='names')),
                    ],
                    options={
                        'ordering': ['model', '-number'],
                        'constraints': [models.UniqueConstraint(fields=('model', 'number'), name='lifecycle_version_number_once'), models.UniqueConstraint(condition=models.Q(('status', 'published')), fields=('model',), name='lifecycle_version_one_published'), models.UniqueConstraint(condition=models.Q(('status', 'draft')), fields=('model',), name='lifecycle_version_one_draft')],
                    },
                ),
                migrations.CreateModel(
                    name='ComponentRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('condition', models.JSONField()),
                        ('component', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.component')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='component_rules', to='lifecycle.modelversion')),
                        ('labels', models.JSONField(blank=True, default=dict)),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('version', 'component'), name='lifecycle_component_rule_once')],
                    },
                ),
                migrations.CreateModel(
                    name='NextDue',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                        ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lifecycle.lifecyclemodel')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['model', 'at'], name='lifecycle_due_at')],
                        'constraints': [models.UniqueConstraint(fields=('model', 'customer'), name='lifecycle_due_one')],
                    },
                ),
                migrations.CreateModel(
                    name='Parking',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(max_length=500)),
                        ('rules', models.JSONField(default=list)),
                        ('parked_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('released_at', models.DateTimeField(null=True)),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                        ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lifecycle.lifecyclemodel')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('released_at', None)), fields=('customer', 'model'), name='lifecycle_parking_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Rule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('priority', models.PositiveIntegerField()),
                        ('labels', models.JSONField(blank=True, default=dict, verbose_name='names')),
                        ('condition', models.JSONField()),
                        ('origin', models.ForeignKey(blank=True, help_text='The rule of the version before that this one was copied from.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='lifecycle.rule')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='lifecycle.modelversion')),
                        ('stage', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.stage')),
                    ],
                    options={
                        'ordering': ['priority', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Refusal',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('source', models.CharField(max_length=10, verbose_name='source')),
                        ('reason', models.CharField(max_length=500)),
                        ('at', models.DateTimeField()),
                        ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.lifecyclemodel')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('rule', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.rule')),
                        ('from_stage', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.stage')),
                        ('to_stage', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.stage')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('superseded_at', None)), fields=['customer', 'at'], name='lifecycle_refusal_of'), models.Index(condition=models.Q(('superseded_at', None)), fields=['model', '-at'], name='lifecycle_refusal_at')],
                    },
                ),
                migrations.CreateModel(
                    name='EdgePolicy',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('source', models.CharField(max_length=10)),
                        ('policy', models.CharField(choices=[('with_reason', 'Allowed with a reason'), ('forbidden', 'Forbidden')], max_length=12)),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='edge_policies', to='lifecycle.modelversion')),
                        ('from_stage', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.stage')),
                        ('to_stage', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.stage')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('version', 'from_stage', 'to_stage', 'source'), name='lifecycle_edge_policy_once'), models.CheckConstraint(condition=models.Q(('source__in', ['rule', 'person', 'api', 'import'])), name='lifecycle_edge_source_is_known'), models.CheckConstraint(condition=models.Q(('from_stage', models.F('to_stage')), _negated=True), name='lifecycle_edge_of_two_stages')],
                    },
                ),
                migrations.CreateModel(
                    name='CurrentStage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('since', models.DateTimeField()),
                        ('held_until', models.DateTimeField(null=True)),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', related_query_name='current_stage', to='customers.customer')),
                        ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lifecycle.lifecyclemodel')),
                        ('furthest', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.stage')),
                        ('stage', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.stage')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('model', 'customer'), name='lifecycle_current_one')],
                    },
                ),
                migrations.CreateModel(
                    name='StagePeriod',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('entered_at', models.DateTimeField()),
                        ('left_at', models.DateTimeField(blank=True, null=True)),
                        ('cause', models.CharField(choices=[('rule', 'Rule'), ('person', 'Person'), ('api', 'API'), ('import', 'Import'), ('initial', 'First seen')], max_length=10)),
                        ('reason', models.CharField(blank=True, max_length=500)),
                        ('held_until', models.DateTimeField(blank=True, null=True)),
                        ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('model', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.lifecyclemodel')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('rule', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.rule')),
                        ('stage', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.stage')),
                        ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.modelversion')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('superseded_at', None)), fields=['model', 'entered_at'], name='lifecycle_period_entered'), models.Index(fields=['customer', 'model', 'entered_at'], name='lifecycle_period_of_customer')],
                        'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('superseded_at', None)), expressions=[('customer', '='), ('model', '='), (clm.base.db.TsTzRange('entered_at', 'left_at'), '&&')], name='lifecycle_period_no_overlap'), models.UniqueConstraint(condition=models.Q(('left_at', None), ('superseded_at', None)), fields=('customer', 'model'), name='lifecycle_period_one_open'), models.CheckConstraint(condition=models.Q(('left_at', None), ('left_at__gt', models.F('entered_at')), _connector='OR'), name='lifecycle_period_has_length'), models.CheckConstraint(condition=models.Q(models.Q(('cause', 'rule'), ('rule__isnull', False)), models.Q(models.Q(('cause', 'rule'), _negated=True), ('rule', None)), _connector='OR'), name='lifecycle_period_rule_iff_by_rule')],
                    },
                ),
                migrations.CreateModel(
                    name='VersionStage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('minimum_stay_days', models.PositiveIntegerField(default=0, verbose_name='minimum stay in days')),
                        ('stage', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.stage')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stage_uses', to='lifecycle.modelversion')),
                        ('colour', models.PositiveSmallIntegerField(default=1, verbose_name='colour')),
                        ('icon', models.CharField(blank=True, max_length=40)),
                        ('is_initial', models.BooleanField(default=False)),
                        ('kind', models.CharField(choices=[('unaware', 'Unaware'), ('aware', 'Aware'), ('engaged', 'Engaged'), ('qualified', 'Qualified'), ('evaluating', 'Evaluating'), ('buying', 'Buying'), ('onboarding', 'Onboarding'), ('active', 'Active'), ('at_risk', 'At risk'), ('loyal', 'Loyal'), ('expanding', 'Expanding'), ('renewing', 'Renewing'), ('advocate', 'Advocate'), ('churned', 'Churned'), ('won_back', 'Won back')], default='', max_length=12, verbose_name='kind')),
                        ('labels', models.JSONField(default=dict, verbose_name='names')),
                        ('other_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('unaware', 'Unaware'), ('aware', 'Aware'), ('engaged', 'Engaged'), ('qualified', 'Qualified'), ('evaluating', 'Evaluating'), ('buying', 'Buying'), ('onboarding', 'Onboarding'), ('active', 'Active'), ('at_risk', 'At risk'), ('loyal', 'Loyal'), ('expanding', 'Expanding'), ('renewing', 'Renewing'), ('advocate', 'Advocate'), ('churned', 'Churned'), ('won_back', 'Won back')], max_length=12), blank=True, default=list, size=None)),
                    ],
                    options={
                        'ordering': ['position'],
                        'constraints': [models.UniqueConstraint(fields=('version', 'stage'), name='lifecycle_stage_used_once'), models.UniqueConstraint(condition=models.Q(('is_initial', True)), fields=('version',), name='lifecycle_version_one_initial')],
                    },
                ),
                migrations.CreateModel(
                    name='ComponentPeriod',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('started_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(blank=True, null=True)),
                        ('component', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='lifecycle.component')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                    ],
                    options={
                        'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('superseded_at', None)), expressions=[('customer', '='), ('component', '='), (clm.base.db.TsTzRange('started_at', 'ended_at'), '&&')], name='lifecycle_component_no_overlap'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gt', models.F('started_at')), _connector='OR'), name='lifecycle_component_has_length')],
                    },
                ),
                migrations.CreateModel(
                    name='Simulation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('span', models.CharField(choices=[('now', 'Published now'), ('history', 'Over the whole history'), ('days', 'Over days of the past')], max_length=10)),
                        ('since', models.DateTimeField()),
                        ('until', models.DateTimeField()),
                        ('read', models.CharField(max_length=64)),
                        ('rules', models.JSONField(default=dict)),
                        ('requested_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('result', models.JSONField(default=dict)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                        ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lifecycle.modelversion')),
                    ],
                    options={
                        'ordering': ['-pk'],
                        'indexes': [models.Index(fields=['requested_at'], name='lifecycle_simulation_age')],
                    },
                ),
                migrations.CreateModel(
                    name='SimulatedPeriod',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('entered_at', models.DateTimeField()),
                        ('left_at', models.DateTimeField(null=True)),
                        ('cause', models.CharField(choices=[('rule', 'Rule'), ('person', 'Person'), ('api', 'API'), ('import', 'Import'), ('initial', 'First seen')], max_length=10)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                        ('rule', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='lifecycle.rule')),
                        ('stage', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lifecycle.stage')),
                        ('simulation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='periods', to='lifecycle.simulation')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('simulation', 'customer', 'entered_at'), name='lifecycle_simulated_period_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SimulatedMove',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('entered_at', models.DateTimeField()),
                        ('cause', models.CharField(choices=[('rule', 'Rule'), ('person', 'Person'), ('api', 'API'), ('import', 'Import'), ('initial', 'First seen')], max_length=10)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                        ('from_stage', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lifecycle.stage')),
                        ('rule', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='lifecycle.rule')),
                        ('to_stage', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lifecycle.stage')),
                        ('simulation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='lifecycle.simulation')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('simulation', 'customer'), name='lifecycle_simulated_move_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SimulatedFlow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('chunk', models.BigIntegerField()),
                        ('customers', models.PositiveIntegerField()),
                        ('from_stage', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lifecycle.stage')),
                        ('to_stage', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='lifecycle.stage')),
                        ('simulation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='flows', to='lifecycle.simulation')),
                    ],
                ),
                migrations.CreateModel(
                    name='JourneyMap',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('thoughts', models.TextField(blank=True, verbose_name='thoughts')),
                        ('feelings', models.TextField(blank=True, verbose_name='feelings')),
                        ('pain_points', models.TextField(blank=True, verbose_name='pain points')),
                        ('touchpoints', models.JSONField(default=list, verbose_name='touchpoints')),
                        ('actions', models.TextField(blank=True, verbose_name='our actions')),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('owner_team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.team')),
                        ('stage', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='journey_map', to='lifecycle.stage')),
                        ('wordings', models.JSONField(default=dict, verbose_name='texts by language')),
                    ],
                ),
                migrations.CreateModel(
                    name='Playbook',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('text', models.TextField(blank=True, verbose_name='playbook')),
                        ('assets', models.JSONField(default=list, verbose_name='assets')),
                        ('stage', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='playbook', to='lifecycle.stage')),
                    ],
                ),
            ]
        ),
        # A period's model is that of its stage: Django has no composite foreign key, the database has.
        migrations.RunSQL(
            "ALTER TABLE lifecycle_stageperiod ADD CONSTRAINT lifecycle_period_stage_of_model"
            " FOREIGN KEY (stage_id, model_id) REFERENCES lifecycle_stage (id, model_id)",
            "ALTER TABLE lifecycle_stageperiod DROP CONSTRAINT lifecycle_period_stage_of_model",
        ),
        *(check_segments_at_each(event) for event in ("insert", "update")),
    ]
