import clm.accounts.models.organisation
import clm.base.db
import clm.base.money
import customers.models.person_export
import datetime
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from clm.base.tables import CreateTables

# Whoever notes that a customer has new facts also has the customer's segments looked at.
SEGMENT_CHECKS = """
CREATE FUNCTION customers_note_segment_checks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM customers_segment WHERE kind = 'dynamic') THEN
        INSERT INTO customers_segmentcheck (customer_id) SELECT DISTINCT customer_id FROM added;
    END IF;
    RETURN NULL;
END $$
"""
# And the customer's score.
SCORE_CHECKS = """
CREATE FUNCTION customers_note_score_checks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM customers_idealprofile WHERE is_active)
        OR EXISTS (SELECT FROM customers_scoring WHERE signals <> '[]'::jsonb)
    THEN
        INSERT INTO customers_scorecheck (customer_id) SELECT DISTINCT customer_id FROM added;
    END IF;
    RETURN NULL;
END $$
"""
# What a foreign key holds of each row, held of each statement: an import writes ten such rows a customer.
NAMING_TABLES = ("customers_identity", "customers_profilechange")
# Each customer is looked up by the index, whatever there was when the plan was made, which a connection keeps: one for
# ten customers would read all of them for each of a million, one for a million would for each of ten.
NOBODY = """
CREATE FUNCTION customers_refuse_nobody() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
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
STILL_NAMED = """
CREATE FUNCTION customers_refuse_still_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM gone g JOIN customers_identity i ON i.customer_id = g.id)
        OR EXISTS (SELECT FROM gone g JOIN customers_profilechange p ON p.customer_id = g.id)
    THEN
        RAISE foreign_key_violation USING MESSAGE = 'Rows still name the customer who is to be deleted.';
    END IF;
    RETURN NULL;
END $$
"""


def note_each_arrival(function: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER {function} AFTER INSERT ON customers_arrival REFERENCING NEW TABLE AS added"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
        f"DROP TRIGGER {function} ON customers_arrival",
    )


def each_written(table: str, event: str) -> migrations.RunSQL:
    name = f"{table}_refuse_nobody_{event.lower()}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING NEW TABLE AS written"
        " FOR EACH STATEMENT EXECUTE FUNCTION customers_refuse_nobody()",
        f"DROP TRIGGER {name} ON {table}",
    )


class Migration(migrations.Migration):
    """What the migrations before made step by step, for a new database. Those that have some go on from there."""

    replaces = [
        ("customers", "0001_initial"),
        ("customers", "0002_lean_indexes"),
        ("customers", "0003_later_versions"),
        ("customers", "0004_lead"),
        ("customers", "0005_segment"),
        ("customers", "0006_note_segment_checks"),
        ("customers", "0007_segment_left_at"),
        ("customers", "0008_rows_waiting_for_a_rate"),
        ("customers", "0009_original_customer_by_word"),
        ("customers", "0010_ids_of_whom_a_rep_sees"),
        ("customers", "0011_lighter_to_fill"),
        ("customers", "0012_order_lines_with_clocks"),
        ("customers", "0013_order_lines_of_first_versions"),
        ("customers", "0014_order_lines_are_facts"),
        ("customers", "0015_what_was_taken_back"),
        ("customers", "0016_order_lines_by_customer"),
        ("customers", "0017_interactions"),
        ("customers", "0018_lead_pipelines"),
        ("customers", "0019_tasks"),
        ("customers", "0020_merges_that_can_be_undone"),
        ("customers", "0021_possible_duplicates"),
        ("customers", "0022_company_owners"),
        ("customers", "0023_lead_rules"),
        ("customers", "0024_scores"),
        ("customers", "0025_note_score_checks"),
        ("customers", "0026_companies_products_and_leads_brought"),
        ("customers", "0027_kept_mappings"),
        ("customers", "0028_custom_fields"),
        ("customers", "0029_person_exports"),
        ("customers", "0030_thresholds"),
        ("customers", "0031_lead_rules_by_conditions"),
        ("customers", "0032_customers_looked_at_by_sets"),
        ("customers", "0033_lighter_to_fill_again"),
        ("customers", "0034_search_words"),
        ("customers", "0035_tickets"),
        ("customers", "0036_brought_of_a_thing"),
        ("customers", "0037_each_customer_by_the_index"),
    ]

    initial = True

    dependencies = [
        ("accounts", "0009_how_long_things_are_kept"),
        ("base", "0001_extensions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name='Channel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('slug', models.SlugField(max_length=64, unique=True)),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('is_paid', models.BooleanField(default=False, verbose_name='paid')),
                    ],
                    options={
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='Company',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=200, verbose_name='name')),
                        ('domain', models.CharField(blank=True, max_length=253, verbose_name='domain')),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.team', verbose_name='team')),
                    ],
                    options={
                        'verbose_name_plural': 'companies',
                        'ordering': ['name'],
                        'indexes': [models.Index(fields=['name', 'id'], name='customers_company_by_name'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('name'), name='gin_trgm_ops'), name='customers_company_named'), models.Index(condition=models.Q(('owner__isnull', False)), fields=['owner', 'id'], name='customers_company_of_owner'), models.Index(condition=models.Q(('team__isnull', False)), fields=['team', 'id'], name='customers_company_in_team')],
                    },
                ),
                migrations.CreateModel(
                    name='Customer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('person', 'Person'), ('firm', 'Firm')], default='person', max_length=10, verbose_name='kind')),
                        ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('first_name', models.CharField(blank=True, max_length=100, verbose_name='first name')),
                        ('last_name', models.CharField(blank=True, max_length=100, verbose_name='last name')),
                        ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                        ('phone', models.CharField(blank=True, max_length=32, verbose_name='phone')),
                        ('external_id', models.CharField(blank=True, max_length=200, verbose_name='external id')),
                        ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                        ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                        ('zone', models.CharField(blank=True, max_length=64, validators=[clm.accounts.models.organisation.validate_zone], verbose_name='time zone')),
                        ('fields', models.JSONField(blank=True, default=dict, verbose_name='own fields')),
                        ('first_seen_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('search_text', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(django.db.models.functions.text.Concat(models.F('name'), models.Value(' '), models.F('email'), models.Value(' '), models.F('phone'), models.Value(' '), models.F('external_id'), output_field=models.TextField())), output_field=models.TextField())),
                        ('company', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to='customers.company', verbose_name='company')),
                        ('merged_into', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to='accounts.team', verbose_name='team')),
                        ('erased_at', models.DateTimeField(editable=False, null=True)),
                    ],
                    options={
                        'indexes': [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('search_text'), name='gin_trgm_ops'), name='customers_customer_search'), models.Index(fields=['first_seen_at', 'id'], name='customers_customer_first_seen'), models.Index(fields=['name', 'id'], name='customers_customer_by_name'), models.Index(condition=models.Q(('owner__isnull', False)), fields=['owner', 'id'], name='customers_customer_of_owner'), models.Index(condition=models.Q(('team__isnull', False)), fields=['team', 'id'], name='customers_customer_in_team'), models.Index(condition=models.Q(('company__isnull', False)), fields=['company'], name='customers_customer_company'), models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='customers_customer_merged'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('fields'), name='jsonb_path_ops'), condition=models.Q(('fields', {}), _negated=True), name='customers_customer_own_fields'), models.Index(django.db.models.functions.comparison.Collate(django.db.models.functions.text.Lower('name'), 'C'), name='customers_customer_name_starts')],
                    },
                ),
                migrations.CreateModel(
                    name='Product',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sku', models.CharField(max_length=100, unique=True, verbose_name='SKU')),
                        ('name', models.CharField(max_length=200, verbose_name='name')),
                        ('category', models.CharField(blank=True, max_length=100, verbose_name='category')),
                    ],
                    options={
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='Arrival',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('since', models.DateTimeField()),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('customer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                    ],
                ),
                migrations.CreateModel(
                    name='CustomerMerge',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('undone_at', models.DateTimeField(blank=True, null=True)),
                        ('loser', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('winner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('merged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('profile', models.JSONField(blank=True, default=dict)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['winner', '-recorded_at'], name='customers_merge_of_winner')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('loser',), name='customers_merge_into_one_winner'), models.CheckConstraint(condition=models.Q(('loser', models.F('winner')), _negated=True), name='customers_merge_of_two')],
                    },
                ),
                migrations.CreateModel(
                    name='Import',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=20, verbose_name='what')),
                        ('source', models.CharField(max_length=64, verbose_name='source')),
                        ('file_name', models.CharField(max_length=255)),
                        ('path', models.CharField(max_length=500)),
                        ('encoding', models.CharField(blank=True, max_length=20, verbose_name='encoding')),
                        ('separator', models.CharField(blank=True, max_length=10, verbose_name='separator')),
                        ('has_header', models.BooleanField(default=True, verbose_name='first line names the columns')),
                        ('mapping', models.JSONField(blank=True, default=dict)),
                        ('options', models.JSONField(blank=True, default=dict)),
                        ('status', models.CharField(choices=[('draft', 'Draft'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('undone', 'Undone')], default='draft', max_length=10)),
                        ('counts', models.JSONField(blank=True, default=dict)),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                    ],
                    options={
                        'ordering': ['-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Identity',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('kind', models.CharField(choices=[('external', 'External id'), ('email', 'E-mail'), ('phone', 'Phone')], max_length=10)),
                        ('source', models.CharField(blank=True, max_length=64)),
                        ('value', models.CharField(max_length=254)),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('written_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.import')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('superseded_at', None)), fields=['customer'], name='customers_identity_of')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('kind', 'source', 'value'), name='customers_identity_names_one_customer')],
                    },
                ),
                migrations.CreateModel(
                    name='Event',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('occurred_at', models.DateTimeField()),
                        ('source', models.CharField(max_length=64)),
                        ('key', models.CharField(max_length=200)),
                        ('root', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('first_id'), models.F('id')), output_field=models.BigIntegerField())),
                        ('name', models.CharField(max_length=100, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]*(\\.[a-z0-9_]+)+$', 'An event name is dotted and lower case, such as cart.abandoned.')])),
                        ('properties', models.JSONField(blank=True, default=dict)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('first', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.event')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('written_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.import')),
                    ],
                    options={
                        'abstract': False,
                        'indexes': [models.Index(condition=models.Q(('superseded_at', None)), fields=['customer', 'name', 'occurred_at'], name='customers_event_at'), models.Index(condition=models.Q(('first__isnull', False)), fields=['first'], name='customers_event_later'), models.Index(condition=models.Q(('superseded_at__isnull', False)), fields=['customer', 'superseded_at'], name='customers_event_gone')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('source', 'key'), name='customers_event_one_live_version')],
                    },
                ),
                migrations.CreateModel(
                    name='Consent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('occurred_at', models.DateTimeField()),
                        ('source', models.CharField(max_length=64)),
                        ('key', models.CharField(max_length=200)),
                        ('root', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('first_id'), models.F('id')), output_field=models.BigIntegerField())),
                        ('purpose', models.CharField(choices=[('marketing', 'Marketing messages'), ('open_tracking', 'Seeing whether a message is opened'), ('click_tracking', 'Seeing which links are clicked'), ('profiling', 'Scores and predictions')], max_length=20)),
                        ('is_given', models.BooleanField()),
                        ('text_version', models.CharField(blank=True, max_length=100)),
                        ('proof', models.JSONField(blank=True, default=dict)),
                        ('first', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.consent')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('written_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.import')),
                    ],
                    options={
                        'abstract': False,
                        'indexes': [models.Index(condition=models.Q(('superseded_at', None)), fields=['customer', 'purpose', 'occurred_at'], name='customers_consent_at'), models.Index(condition=models.Q(('first__isnull', False)), fields=['first'], name='customers_consent_later')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('source', 'key'), name='customers_consent_one_live_version')],
                    },
                ),
                migrations.CreateModel(
                    name='ImportProblem',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('line', models.PositiveBigIntegerField()),
                        ('column', models.CharField(blank=True, max_length=100)),
                        ('reason', models.CharField(max_length=500)),
                        ('raw', models.TextField(blank=True)),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='problems', to='customers.import')),
                        ('cells', models.JSONField(null=True)),
                    ],
                    options={
                        'ordering': ['line', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Order',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('occurred_at', models.DateTimeField()),
                        ('source', models.CharField(max_length=64)),
                        ('key', models.CharField(max_length=200)),
                        ('root', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('first_id'), models.F('id')), output_field=models.BigIntegerField())),
                        ('currency', clm.base.money.CurrencyField(max_length=3, validators=[clm.base.money.validate_currency])),
                        ('gross', clm.base.money.AmountField(decimal_places=4, max_digits=16)),
                        ('discount', clm.base.money.AmountField(decimal_places=4, default=0, max_digits=16)),
                        ('tax', clm.base.money.AmountField(decimal_places=4, default=0, max_digits=16)),
                        ('shipping', clm.base.money.AmountField(decimal_places=4, default=0, max_digits=16)),
                        ('rate', clm.base.money.RateField(blank=True, decimal_places=8, max_digits=18, null=True)),
                        ('status', models.CharField(choices=[('paid', 'Paid'), ('pending', 'Pending'), ('cancelled', 'Cancelled')], default='paid', max_length=10)),
                        ('is_test', models.BooleanField(default=False)),
                        ('net', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('gross'), '-', models.F('discount')), '-', models.F('tax')), '-', models.F('shipping')), output_field=clm.base.money.AmountField(decimal_places=4, max_digits=16))),
                        ('net_reporting', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('gross'), '-', models.F('discount')), '-', models.F('tax')), '-', models.F('shipping')), '*', models.F('rate')), output_field=clm.base.money.AmountField(decimal_places=4, max_digits=16, null=True))),
                        ('channel', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.channel')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('first', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.order')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('written_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.import')),
                    ],
                    options={
                        'abstract': False,
                        'indexes': [models.Index(condition=models.Q(('superseded_at', None)), fields=['customer', 'occurred_at'], name='customers_order_at'), models.Index(condition=models.Q(('superseded_at', None)), fields=['occurred_at'], name='customers_order_by_time'), models.Index(fields=['root'], name='customers_order_root'), models.Index(condition=models.Q(('first__isnull', False)), fields=['first'], name='customers_order_later'), models.Index(condition=models.Q(('rate', None), ('superseded_at', None)), fields=['currency'], name='customers_order_unrated'), models.Index(condition=models.Q(('channel__isnull', False)), fields=['channel'], name='customers_order_channel'), models.Index(condition=models.Q(('superseded_at__isnull', False)), fields=['customer', 'superseded_at'], name='customers_order_gone')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('source', 'key'), name='customers_order_one_live_version')],
                    },
                ),
                migrations.CreateModel(
                    name='OrderLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('quantity', models.DecimalField(decimal_places=3, default=1, max_digits=13)),
                        ('amount', clm.base.money.AmountField(decimal_places=4, max_digits=16)),
                        ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.order')),
                        ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.product')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('written_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.import')),
                        ('source', models.CharField(max_length=64)),
                        ('key', models.CharField(max_length=200)),
                        ('occurred_at', models.DateTimeField()),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('first', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.orderline')),
                        ('root', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('first_id'), models.F('id')), output_field=models.BigIntegerField())),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('first__isnull', False)), fields=['first'], name='customers_orderline_later'), models.Index(condition=models.Q(('superseded_at', None)), fields=['customer', 'occurred_at'], name='customers_orderline_at'), models.Index(condition=models.Q(('superseded_at', None)), fields=['occurred_at'], name='customers_orderline_by_time')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('source', 'key'), name='customers_orderline_one_live_version')],
                    },
                ),
                migrations.CreateModel(
                    name='ProfileChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('occurred_at', models.DateTimeField()),
                        ('field', models.CharField(max_length=80)),
                        ('value', models.JSONField(null=True)),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('written_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.import')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('superseded_at', None)), fields=['customer', 'field', 'occurred_at'], name='customers_profile_at'), django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['written_by'], name='customers_profile_written_by')],
                    },
                ),
                migrations.CreateModel(
                    name='Refund',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('occurred_at', models.DateTimeField()),
                        ('source', models.CharField(max_length=64)),
                        ('key', models.CharField(max_length=200)),
                        ('root', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('first_id'), models.F('id')), output_field=models.BigIntegerField())),
                        ('amount', clm.base.money.AmountField(decimal_places=4, max_digits=16)),
                        ('currency', clm.base.money.CurrencyField(max_length=3, validators=[clm.base.money.validate_currency])),
                        ('rate', clm.base.money.RateField(blank=True, decimal_places=8, max_digits=18, null=True)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('reporting', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(models.F('amount'), '*', models.F('rate')), output_field=clm.base.money.AmountField(decimal_places=4, max_digits=16, null=True))),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('first', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.refund')),
                        ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.order')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('written_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.import')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('superseded_at', None)), fields=['order', 'occurred_at'], name='customers_refund_of'), models.Index(condition=models.Q(('superseded_at', None)), fields=['customer', 'occurred_at'], name='customers_refund_at'), models.Index(condition=models.Q(('first__isnull', False)), fields=['first'], name='customers_refund_later'), models.Index(condition=models.Q(('rate', None), ('superseded_at', None)), fields=['currency'], name='customers_refund_unrated'), models.Index(condition=models.Q(('superseded_at__isnull', False)), fields=['customer', 'superseded_at'], name='customers_refund_gone')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('source', 'key'), name='customers_refund_one_live_version'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='customers_refund_positive')],
                    },
                ),
                migrations.CreateModel(
                    name='Touch',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('occurred_at', models.DateTimeField()),
                        ('source', models.CharField(max_length=64)),
                        ('key', models.CharField(max_length=200)),
                        ('root', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('first_id'), models.F('id')), output_field=models.BigIntegerField())),
                        ('campaign', models.CharField(blank=True, max_length=200)),
                        ('detail', models.JSONField(blank=True, default=dict)),
                        ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.channel')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('first', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.touch')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('written_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.import')),
                    ],
                    options={
                        'abstract': False,
                        'indexes': [models.Index(condition=models.Q(('superseded_at', None)), fields=['customer', 'occurred_at'], name='customers_touch_at'), models.Index(condition=models.Q(('first__isnull', False)), fields=['first'], name='customers_touch_later')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('source', 'key'), name='customers_touch_one_live_version')],
                    },
                ),
                migrations.CreateModel(
                    name='PurchaseSummary',
                    fields=[
                        ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='purchases', serialize=False, to='customers.customer')),
                        ('orders', models.PositiveIntegerField(default=0)),
                        ('purchase_days', models.PositiveIntegerField(default=0)),
                        ('revenue', models.DecimalField(decimal_places=4, default=0, max_digits=18)),
                        ('unconverted', models.PositiveIntegerField(default=0)),
                        ('first_order_at', models.DateTimeField(null=True)),
                        ('last_order_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['revenue', 'customer'], name='customers_purchases_revenue'), models.Index(fields=['last_order_at', 'customer'], name='customers_purchases_last')],
                    },
                ),
                migrations.CreateModel(
                    name='LeadPipeline',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('respond_within_hours', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(720)], verbose_name='first contact within')),
                        ('demands_next_action', models.BooleanField(default=False, verbose_name='next action required')),
                        ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('team',), name='customers_one_pipeline_a_team', nulls_distinct=False)],
                    },
                ),
                migrations.CreateModel(
                    name='PipelineStep',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(blank=True, max_length=40, verbose_name='name')),
                        ('status', models.CharField(choices=[('new', 'New'), ('contacted', 'Contacted'), ('qualified', 'Qualified'), ('proposal', 'Proposal'), ('won', 'Won'), ('lost', 'Lost')], max_length=10, verbose_name='means')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('removed_at', models.DateTimeField(blank=True, null=True)),
                        ('pipeline', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.leadpipeline')),
                    ],
                    options={
                        'ordering': ['position', 'pk'],
                        'constraints': [models.UniqueConstraint(models.F('pipeline'), django.db.models.functions.text.Lower('name'), condition=models.Q(('removed_at', None), models.Q(('name', ''), _negated=True)), name='customers_pipeline_step_named_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Lead',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('title', models.CharField(blank=True, max_length=200, verbose_name='about')),
                        ('status', models.CharField(choices=[('new', 'New'), ('contacted', 'Contacted'), ('qualified', 'Qualified'), ('proposal', 'Proposal'), ('won', 'Won'), ('lost', 'Lost')], default='new', max_length=10, verbose_name='status')),
                        ('value', clm.base.money.AmountField(blank=True, decimal_places=4, max_digits=16, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='value')),
                        ('currency', clm.base.money.CurrencyField(blank=True, max_length=3, validators=[clm.base.money.validate_currency], verbose_name='currency')),
                        ('rate', clm.base.money.RateField(blank=True, decimal_places=8, max_digits=18, null=True)),
                        ('value_reporting', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(models.F('value'), '*', models.F('rate')), output_field=clm.base.money.AmountField(decimal_places=4, max_digits=16, null=True))),
                        ('next_action', models.CharField(blank=True, max_length=200, verbose_name='next action')),
                        ('next_action_on', models.DateField(blank=True, null=True, verbose_name='date of the next action')),
                        ('expected_close_on', models.DateField(blank=True, null=True, verbose_name='expected close')),
                        ('lost_reason', models.CharField(blank=True, max_length=500, verbose_name='reason of the loss')),
                        ('enquiry', models.JSONField(blank=True, default=dict)),
                        ('opened_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('contacted_at', models.DateTimeField(blank=True, null=True)),
                        ('qualified_at', models.DateTimeField(blank=True, null=True)),
                        ('closed_at', models.DateTimeField(blank=True, null=True)),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('conversion', models.JSONField(blank=True, null=True)),
                        ('channel', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.channel', verbose_name='source')),
                        ('converted_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.team', verbose_name='team')),
                        ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.pipelinestep', verbose_name='step')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['customer'], name='customers_lead_of'), models.Index(condition=models.Q(('owner__isnull', False)), fields=['owner', 'customer'], name='customers_lead_owned'), models.Index(condition=models.Q(('team__isnull', False)), fields=['team', 'customer'], name='customers_lead_of_team'), models.Index(condition=models.Q(('status__in', ['new', 'contacted', 'qualified', 'proposal'])), fields=['owner', 'next_action_on', 'id'], name='customers_lead_agenda'), models.Index(fields=['next_action_on', 'id'], name='customers_lead_by_next'), models.Index(fields=['opened_at', 'id'], name='customers_lead_by_opened'), models.Index(fields=['value_reporting', 'id'], name='customers_lead_by_value'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('title'), name='gin_trgm_ops'), name='customers_lead_about')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('status__in', ['won', 'lost'])), models.Q(('closed_at', None), ('status__in', ['new', 'contacted', 'qualified', 'proposal'])), _connector='OR'), name='customers_lead_closed_when_over'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'lost'), models.Q(('lost_reason', ''), _negated=True)), models.Q(models.Q(('status', 'lost'), _negated=True), ('lost_reason', '')), _connector='OR'), name='customers_lead_lost_for_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('conversion__isnull', False), ('status', 'won')), models.Q(models.Q(('status', 'won'), _negated=True), ('conversion__isnull', True)), _connector='OR'), name='customers_lead_won_by_conversion'), models.CheckConstraint(condition=models.Q(('value', None), models.Q(('value__gte', 0), models.Q(('currency', ''), _negated=True)), _connector='OR'), name='customers_lead_worth_something')],
                    },
                ),
                migrations.CreateModel(
                    name='LeadState',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('occurred_at', models.DateTimeField()),
                        ('step', models.CharField(choices=[('opened', 'Opened'), ('changed', 'Changed'), ('assigned', 'Assigned'), ('contacted', 'Contacted'), ('qualified', 'Qualified'), ('proposed', 'Proposal made'), ('lost', 'Lost'), ('reopened', 'Opened again'), ('converted', 'Won'), ('moved', 'Moved')], max_length=10)),
                        ('status', models.CharField(choices=[('new', 'New'), ('contacted', 'Contacted'), ('qualified', 'Qualified'), ('proposal', 'Proposal'), ('won', 'Won'), ('lost', 'Lost')], max_length=10)),
                        ('value', clm.base.money.AmountField(decimal_places=4, max_digits=16, null=True)),
                        ('currency', clm.base.money.CurrencyField(blank=True, max_length=3, validators=[clm.base.money.validate_currency])),
                        ('rate', clm.base.money.RateField(blank=True, decimal_places=8, max_digits=18, null=True)),
                        ('value_reporting', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(models.F('value'), '*', models.F('rate')), output_field=clm.base.money.AmountField(decimal_places=4, max_digits=16, null=True))),
                        ('next_action', models.CharField(blank=True, max_length=200)),
                        ('next_action_on', models.DateField(null=True)),
                        ('expected_close_on', models.DateField(null=True)),
                        ('note', models.TextField(blank=True)),
                        ('actor', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('channel', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='customers.channel')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('lead', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.lead')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('owner', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.team')),
                        ('place', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='customers.pipelinestep')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('superseded_at', None)), fields=['customer', 'occurred_at'], name='customers_leadstate_at'), models.Index(fields=['lead', 'occurred_at'], name='customers_leadstate_of')],
                    },
                ),
                migrations.CreateModel(
                    name='Segment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('slug', models.SlugField(max_length=60, unique=True)),
                        ('description', models.TextField(blank=True, max_length=1000, verbose_name='description')),
                        ('kind', models.CharField(choices=[('dynamic', 'By conditions'), ('static', 'By hand')], max_length=10, verbose_name='kind')),
                        ('conditions', models.JSONField(blank=True, default=dict, verbose_name='conditions')),
                        ('revision', models.PositiveIntegerField(default=1)),
                        ('is_shared', models.BooleanField(default=True, verbose_name='for everybody')),
                        ('count', models.BigIntegerField(default=0)),
                        ('computed_at', models.DateTimeField(blank=True, null=True)),
                        ('status', models.CharField(choices=[('fresh', 'Up to date'), ('queued', 'Being computed'), ('failed', 'Failed')], default='fresh', max_length=10)),
                        ('error', models.TextField(blank=True)),
                        ('tried_at', models.DateTimeField(blank=True, null=True)),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='customers_segment_one_of_a_name', violation_error_message='Another segment has this name. Choose another.'), models.CheckConstraint(condition=models.Q(models.Q(('conditions', {}), ('kind', 'static')), models.Q(('kind', 'dynamic'), models.Q(('conditions', {}), _negated=True)), _connector='OR'), name='customers_segment_dynamic_has_conditions')],
                    },
                ),
                migrations.CreateModel(
                    name='SegmentCheck',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                    ],
                ),
                migrations.CreateModel(
                    name='SegmentDue',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                        ('segment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.segment')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['segment', 'at'], name='customers_segment_due_at')],
                        'constraints': [models.UniqueConstraint(fields=('segment', 'customer'), name='customers_segment_due_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SegmentMember',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('entered_at', models.DateTimeField()),
                        ('left_at', models.DateTimeField(blank=True, null=True)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('segment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.segment')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['segment', 'entered_at'], name='customers_segment_entered'), models.Index(fields=['customer', 'segment'], name='customers_segment_of_customer'), models.Index(condition=models.Q(('left_at__isnull', False)), fields=['segment', 'left_at'], name='customers_segment_left')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('segment', 'customer'), name='customers_segment_member_once'), models.CheckConstraint(condition=models.Q(('left_at', None), ('left_at__gte', models.F('entered_at')), _connector='OR'), name='customers_segment_member_leaves_later')],
                    },
                ),
                migrations.CreateModel(
                    name='Interaction',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('occurred_at', models.DateTimeField()),
                        ('source', models.CharField(max_length=64)),
                        ('key', models.CharField(max_length=200)),
                        ('root', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('first_id'), models.F('id')), output_field=models.BigIntegerField())),
                        ('kind', models.CharField(choices=[('note', 'Note'), ('call', 'Call'), ('meeting', 'Meeting')], max_length=10, verbose_name='kind')),
                        ('direction', models.CharField(blank=True, choices=[('out', 'We called'), ('in', 'They called')], max_length=5, verbose_name='direction')),
                        ('outcome', models.CharField(blank=True, choices=[('reached', 'Spoke'), ('no_answer', 'No answer'), ('left_message', 'Left a message')], max_length=15, verbose_name='outcome')),
                        ('minutes', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(1440)], verbose_name='minutes')),
                        ('text', models.TextField(blank=True, max_length=20000, verbose_name='text')),
                        ('actor', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('first', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.interaction')),
                        ('lead', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.lead', verbose_name='lead')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                    ],
                    options={
                        'abstract': False,
                        'indexes': [models.Index(condition=models.Q(('first__isnull', False)), fields=['first'], name='customers_interaction_later'), models.Index(condition=models.Q(('superseded_at', None)), fields=['customer', 'occurred_at'], name='customers_interaction_at'), models.Index(condition=models.Q(('superseded_at', None)), fields=['occurred_at', 'id'], name='customers_interaction_by_time'), models.Index(condition=models.Q(('lead__isnull', False), ('superseded_at', None)), fields=['lead', 'occurred_at'], name='customers_interaction_of_lead'), models.Index(fields=['root'], name='customers_interaction_root')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('source', 'key'), name='customers_interaction_one_live_version'), models.CheckConstraint(condition=models.Q(('kind', 'call'), models.Q(('direction', ''), ('outcome', '')), _connector='OR'), name='customers_interaction_only_calls_have_an_outcome'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'note'), _negated=True), models.Q(('minutes', None), models.Q(('text', ''), _negated=True)), _connector='OR'), name='customers_interaction_notes_say_something')],
                    },
                ),
                migrations.CreateModel(
                    name='Task',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('title', models.CharField(max_length=200, verbose_name='what is to be done')),
                        ('due_on', models.DateField(verbose_name='day')),
                        ('due_at', models.DateTimeField()),
                        ('has_time', models.BooleanField(default=False)),
                        ('remind_at', models.DateTimeField(blank=True, null=True, verbose_name='reminder')),
                        ('reminded_at', models.DateTimeField(blank=True, null=True)),
                        ('done_at', models.DateTimeField(blank=True, null=True)),
                        ('dropped_at', models.DateTimeField(blank=True, null=True)),
                        ('planned_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('key', models.CharField(blank=True, max_length=100, null=True, unique=True)),
                        ('closed_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('lead', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.lead', verbose_name='lead')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('planned_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['customer', 'planned_at'], name='customers_task_of'), models.Index(condition=models.Q(('done_at', None), ('dropped_at', None)), fields=['owner', 'due_at', 'id'], name='customers_task_agenda'), models.Index(condition=models.Q(('done_at', None), ('dropped_at', None)), fields=['due_at', 'id'], name='customers_task_by_due'), models.Index(condition=models.Q(('done_at__isnull', False)), fields=['done_at', 'id'], name='customers_task_done'), models.Index(condition=models.Q(('lead__isnull', False)), fields=['lead'], name='customers_task_lead'), models.Index(condition=models.Q(('done_at', None), ('dropped_at', None), ('remind_at__isnull', False), ('reminded_at', None)), fields=['remind_at'], name='customers_task_to_remind')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('done_at', None), ('dropped_at', None), _connector='OR'), name='customers_task_done_or_dropped'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='customers_task_says_what')],
                    },
                ),
                migrations.CreateModel(
                    name='MergedRow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('table', models.CharField(max_length=63)),
                        ('row', models.BigIntegerField()),
                        ('before', models.JSONField(blank=True, null=True)),
                        ('merge', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customermerge')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['merge', 'table'], name='customers_mergedrow_of')],
                    },
                ),
                migrations.CreateModel(
                    name='Twins',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('score', models.PositiveSmallIntegerField()),
                        ('likenesses', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('email', 'the same e-mail address'), ('phone', 'the same phone number'), ('name_and_company', 'the same name and company'), ('name', 'the same name'), ('similar_name', 'similar names at the same company or address')], max_length=20), size=None)),
                        ('found_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('dismissed_at', models.DateTimeField(blank=True, null=True)),
                        ('dismissed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('one', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                        ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('dismissed_at', None)), fields=['-score', '-id'], name='customers_twins_open')],
                        'constraints': [models.UniqueConstraint(fields=('one', 'other'), name='customers_twins_once'), models.CheckConstraint(condition=models.Q(('one__lt', models.F('other'))), name='customers_twins_in_order')],
                    },
                ),
                migrations.CreateModel(
                    name='LeadAssignmentRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                        ('way', models.CharField(choices=[('round_robin', 'In turn'), ('least_open', 'Whoever has the fewest open leads')], default='round_robin', max_length=20, verbose_name='given to')),
                        ('countries', models.JSONField(blank=True, default=list, verbose_name='countries')),
                        ('is_active', models.BooleanField(default=True, verbose_name='active')),
                        ('channels', models.ManyToManyField(blank=True, related_name='+', to='customers.channel', verbose_name='sources')),
                        ('last_given_to', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team', verbose_name='team')),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('conditions', models.JSONField(blank=True, default=dict, verbose_name='conditions')),
                    ],
                    options={
                        'ordering': ['position', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='IdealProfile',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('description', models.TextField(blank=True, max_length=1000, verbose_name='description')),
                        ('tests', models.JSONField(default=list, verbose_name='tests')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='customers_idealprofile_one_of_a_name', violation_error_message='Another profile has this name. Choose another.')],
                    },
                ),
                migrations.CreateModel(
                    name='Score',
                    fields=[
                        ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='score', serialize=False, to='customers.customer')),
                        ('fit', models.PositiveSmallIntegerField(default=0)),
                        ('interest', models.PositiveIntegerField(default=0)),
                        ('fit_class', models.CharField(default='D', max_length=1)),
                        ('interest_class', models.PositiveSmallIntegerField(default=4)),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('profile', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.idealprofile')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['fit', 'customer'], name='customers_score_by_fit'), models.Index(fields=['interest', 'customer'], name='customers_score_by_interest'), models.Index(fields=['fit_class', 'interest_class', 'customer'], name='customers_score_by_grade')],
                    },
                ),
                migrations.CreateModel(
                    name='ScoreCheck',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                    ],
                ),
                migrations.CreateModel(
                    name='Scoring',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('signals', models.JSONField(blank=True, default=list, verbose_name='signals')),
                        ('half_life_days', models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(730)], verbose_name='points halve every')),
                        ('fit_a', models.PositiveSmallIntegerField(default=75, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='A from')),
                        ('fit_b', models.PositiveSmallIntegerField(default=50, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='B from')),
                        ('fit_c', models.PositiveSmallIntegerField(default=25, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='C from')),
                        ('interest_1', models.PositiveSmallIntegerField(default=50, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10000)], verbose_name='1 from')),
                        ('interest_2', models.PositiveSmallIntegerField(default=20, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10000)], verbose_name='2 from')),
                        ('interest_3', models.PositiveSmallIntegerField(default=5, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10000)], verbose_name='3 from')),
                        ('revision', models.PositiveIntegerField(default=1)),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('status', models.CharField(choices=[('fresh', 'Up to date'), ('queued', 'Being computed'), ('failed', 'Failed')], default='fresh', max_length=10)),
                        ('error', models.TextField(blank=True)),
                        ('tried_at', models.DateTimeField(blank=True, null=True)),
                        ('computed_at', models.DateTimeField(blank=True, null=True)),
                        ('computed_on', models.DateField(blank=True, null=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='customers_scoring_is_one_row'), models.CheckConstraint(condition=models.Q(('fit_a__gt', models.F('fit_b')), ('fit_b__gt', models.F('fit_c')), ('interest_1__gt', models.F('interest_2')), ('interest_2__gt', models.F('interest_3'))), name='customers_scoring_classes_in_order', violation_error_message='Each class begins higher than the next.')],
                    },
                ),
                migrations.CreateModel(
                    name='ExternalKey',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('thing', models.CharField(choices=[('company', 'Company'), ('product', 'Product'), ('lead', 'Lead')], max_length=10)),
                        ('source', models.CharField(max_length=64)),
                        ('key', models.CharField(max_length=200)),
                        ('thing_id', models.BigIntegerField()),
                    ],
                    options={
                        'indexes': [models.Index(fields=['thing', 'thing_id'], name='customers_key_of_thing')],
                        'constraints': [models.UniqueConstraint(fields=('thing', 'source', 'key'), name='customers_external_key')],
                    },
                ),
                migrations.CreateModel(
                    name='Brought',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('thing', models.CharField(choices=[('company', 'Company'), ('product', 'Product'), ('lead', 'Lead')], max_length=10)),
                        ('thing_id', models.BigIntegerField()),
                        ('before', models.JSONField(null=True)),
                        ('after', models.JSONField()),
                        ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.import')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['run', 'id'], name='customers_brought_by'), models.Index(fields=['thing', 'thing_id'], name='customers_brought_of')],
                    },
                ),
                migrations.CreateModel(
                    name='ImportMapping',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('kind', models.CharField(max_length=20)),
                        ('source', models.CharField(max_length=64)),
                        ('fields', models.JSONField()),
                        ('options', models.JSONField(default=dict)),
                        ('is_shared', models.BooleanField(default=True, verbose_name='for everybody who imports')),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('owner', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['name'],
                        'constraints': [models.UniqueConstraint(fields=('owner', 'kind', 'name'), name='customers_import_mapping_named', nulls_distinct=False)],
                    },
                ),
                migrations.CreateModel(
                    name='CustomField',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=60, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_ -]{1,60}$', 'Use letters, digits, spaces, hyphens and underscores.')], verbose_name='key')),
                        ('kind', models.CharField(choices=[('text', 'Text'), ('number', 'Number'), ('date', 'Date'), ('choice', 'One of a list'), ('choices', 'Several of a list'), ('yes_no', 'Yes or no')], max_length=10, verbose_name='kind')),
                        ('labels', models.JSONField(default=dict)),
                        ('choices', models.JSONField(blank=True, default=list)),
                        ('is_required', models.BooleanField(default=False, verbose_name='required')),
                        ('is_sensitive', models.BooleanField(default=False, verbose_name='hidden from sales reps')),
                        ('position', models.PositiveIntegerField(default=0)),
                        ('archived_at', models.DateTimeField(blank=True, null=True)),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                    ],
                    options={
                        'ordering': ['position', 'pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['text', 'number', 'date', 'choice', 'choices', 'yes_no'])), name='customers_customfield_kind_is_known')],
                    },
                ),
                migrations.CreateModel(
                    name='PersonExport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('token', models.CharField(default=customers.models.person_export.new_token, max_length=64, unique=True)),
                        ('content', models.BinaryField(null=True)),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
                        ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                        ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                ),
                migrations.CreateModel(
                    name='Threshold',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('fit', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='fit at least')),
                        ('interest', models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(10000)], verbose_name='interest at least')),
                        ('action', models.CharField(choices=[('open', 'Open a lead'), ('qualify', 'Open a lead and qualify it'), ('task', 'Plan a task')], max_length=10, verbose_name='then')),
                        ('again_after_days', models.PositiveSmallIntegerField(default=90, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name='again after days')),
                        ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='customers_threshold_one_of_a_name', violation_error_message='Another threshold has this name. Choose another.'), models.CheckConstraint(condition=models.Q(('fit__gt', 0), ('interest__gt', 0), _connector='OR'), name='customers_threshold_has_a_mark', violation_error_message='Say how much fit or interest it takes.')],
                    },
                ),
                migrations.CreateModel(
                    name='ThresholdCrossing',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('crossed_at', models.DateTimeField()),
                        ('fell_at', models.DateTimeField(blank=True, null=True)),
                        ('is_quiet', models.BooleanField(default=False)),
                        ('acted_at', models.DateTimeField(blank=True, null=True)),
                        ('outcome', models.CharField(blank=True, max_length=300)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('lead', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.lead')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('task', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.task')),
                        ('threshold', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.threshold')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['customer', 'threshold'], name='customers_crossing_of'), models.Index(condition=models.Q(('acted_at', None), ('is_quiet', False)), fields=['id'], name='customers_crossing_due')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('fell_at', None)), fields=('threshold', 'customer'), name='customers_threshold_crossed_once')],
                    },
                ),
                migrations.CreateModel(
                    name='NameWord',
                    fields=[
                        ('word', models.TextField(primary_key=True, serialize=False)),
                        ('customers', models.IntegerField(default=0)),
                    ],
                    options={
                        'indexes': [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('word'), name='gin_trgm_ops'), name='customers_nameword_like')],
                    },
                ),
                migrations.CreateModel(
                    name='TicketTarget',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('priority', models.CharField(choices=[('low', 'Low'), ('normal', 'Normal'), ('high', 'High'), ('urgent', 'Urgent')], max_length=10, unique=True, verbose_name='priority')),
                        ('answer_within_hours', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(8760)], verbose_name='first answer within')),
                        ('solve_within_hours', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(8760)], verbose_name='solved within')),
                    ],
                ),
                migrations.CreateModel(
                    name='Ticket',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject', models.CharField(max_length=200, verbose_name='subject')),
                        ('text', models.TextField(blank=True, max_length=20000, verbose_name='text')),
                        ('type', models.CharField(choices=[('question', 'Question'), ('problem', 'Problem'), ('complaint', 'Complaint')], default='question', max_length=10, verbose_name='type')),
                        ('priority', models.CharField(choices=[('low', 'Low'), ('normal', 'Normal'), ('high', 'High'), ('urgent', 'Urgent')], default='normal', max_length=10, verbose_name='priority')),
                        ('status', models.CharField(choices=[('open', 'Open'), ('waiting', 'Waiting for the customer'), ('solved', 'Solved'), ('closed', 'Closed')], default='open', max_length=10, verbose_name='status')),
                        ('opened_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('first_answered_at', models.DateTimeField(blank=True, null=True)),
                        ('solved_at', models.DateTimeField(blank=True, null=True)),
                        ('closed_at', models.DateTimeField(blank=True, null=True)),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('answer_by', models.DateTimeField(blank=True, null=True)),
                        ('solve_by', models.DateTimeField(blank=True, null=True)),
                        ('paused', models.DurationField(default=datetime.timedelta)),
                        ('paused_since', models.DateTimeField(blank=True, null=True)),
                        ('due_at', models.GeneratedField(db_persist=True, expression=models.Case(models.When(first_answered_at=None, status='open', then=django.db.models.functions.comparison.Least('answer_by', 'solve_by')), models.When(status='open', then=models.F('solve_by'))), output_field=models.DateTimeField(null=True))),
                        ('source', models.CharField(max_length=64)),
                        ('key', models.CharField(max_length=200)),
                        ('company', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.company', verbose_name='company')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('merged_into', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.ticket')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                        ('team', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.team', verbose_name='team')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['customer', 'opened_at'], name='customers_ticket_of'), models.Index(condition=models.Q(('status__in', ['open', 'waiting'])), fields=['owner', 'due_at', 'id'], name='customers_ticket_agenda'), models.Index(fields=['due_at', 'id'], name='customers_ticket_by_due'), models.Index(fields=['opened_at', 'id'], name='customers_ticket_by_opened'), models.Index(fields=['changed_at', 'id'], name='customers_ticket_by_changed'), models.Index(condition=models.Q(('company__isnull', False)), fields=['company'], name='customers_ticket_of_company'), models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='customers_ticket_merged')],
                        'constraints': [models.UniqueConstraint(fields=('source', 'key'), name='customers_ticket_named_once'), models.CheckConstraint(condition=models.Q(('subject', ''), _negated=True), name='customers_ticket_says_what'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('solved_at', None), ('status__in', ['open', 'waiting'])), models.Q(('closed_at', None), ('solved_at__isnull', False), ('status', 'solved')), models.Q(('closed_at__isnull', False), ('status', 'closed')), _connector='OR'), name='customers_ticket_over_when_it_is'), models.CheckConstraint(condition=models.Q(models.Q(('paused_since', None), ('status', 'open')), models.Q(models.Q(('status', 'open'), _negated=True), ('paused_since__isnull', False)), _connector='OR'), name='customers_ticket_runs_while_open'), models.CheckConstraint(condition=models.Q(('merged_into', None), ('status', 'closed'), _connector='OR'), name='customers_ticket_merged_is_closed')],
                    },
                ),
                migrations.CreateModel(
                    name='TicketState',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('occurred_at', models.DateTimeField()),
                        ('step', models.CharField(choices=[('opened', 'Opened'), ('answered', 'Answered'), ('changed', 'Changed'), ('solved', 'Solved'), ('closed', 'Closed'), ('reopened', 'Opened again'), ('merged', 'Merged into another'), ('joined', 'Another was merged into it')], max_length=10)),
                        ('type', models.CharField(choices=[('question', 'Question'), ('problem', 'Problem'), ('complaint', 'Complaint')], max_length=10)),
                        ('priority', models.CharField(choices=[('low', 'Low'), ('normal', 'Normal'), ('high', 'High'), ('urgent', 'Urgent')], max_length=10)),
                        ('status', models.CharField(choices=[('open', 'Open'), ('waiting', 'Waiting for the customer'), ('solved', 'Solved'), ('closed', 'Closed')], max_length=10)),
                        ('note', models.TextField(blank=True)),
                        ('actor', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('owner', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.team')),
                        ('ticket', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.ticket')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('superseded_at', None)), fields=['customer', 'occurred_at'], name='customers_ticketstate_at'), models.Index(fields=['ticket', 'occurred_at'], name='customers_ticketstate_of')],
                    },
                ),
            ]
        ),
        migrations.RunSQL(SEGMENT_CHECKS, "DROP FUNCTION customers_note_segment_checks()"),
        note_each_arrival("customers_note_segment_checks"),
        migrations.RunSQL(SCORE_CHECKS, "DROP FUNCTION customers_note_score_checks()"),
        note_each_arrival("customers_note_score_checks"),
        migrations.RunSQL(NOBODY, "DROP FUNCTION customers_refuse_nobody()"),
        migrations.RunSQL(STILL_NAMED, "DROP FUNCTION customers_refuse_still_named()"),
        *(each_written(table, event) for table in NAMING_TABLES for event in ("INSERT", "UPDATE")),
        migrations.RunSQL(
            "CREATE TRIGGER customers_refuse_still_named AFTER DELETE ON customers_customer"
            " REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION customers_refuse_still_named()",
            "DROP TRIGGER customers_refuse_still_named ON customers_customer",
        ),
    ]
