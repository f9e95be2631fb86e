import clm.accounts.models.api_key
import clm.accounts.models.organisation
import clm.base.db
import clm.base.money
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clm.base.tables import CreateTables


class Migration(migrations.Migration):
    """What the migrations before made step by step, for a new database. Those that have some go on from there."""

    replaces = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_user_language_as_the_browser"),
        ("accounts", "0003_user_started_at"),
        ("accounts", "0004_administrators_need_two_factor"),
        ("accounts", "0005_longer_views"),
        ("accounts", "0006_bulk_changes"),
        ("accounts", "0007_what_roles_may_do"),
        ("accounts", "0008_fields_stamp"),
        ("accounts", "0009_how_long_things_are_kept"),
        ("accounts", "0010_views_of_teams"),
    ]

    initial = True

    dependencies = [
        ("base", "0001_extensions"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name='Team',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                    ],
                    options={
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail')),
                        ('name', models.CharField(blank=True, max_length=150, verbose_name='name')),
                        ('role', models.CharField(choices=[('administrator', 'Administrator'), ('manager', 'Manager'), ('marketer', 'Marketer'), ('rep', 'Sales rep'), ('analyst', 'Analyst')], default='analyst', max_length=20, verbose_name='role')),
                        ('sees', models.CharField(choices=[('own', 'Own customers'), ('team', 'Customers of the team'), ('all', 'All customers')], default='team', max_length=10, verbose_name='sees')),
                        ('language', models.CharField(blank=True, default='', max_length=10, verbose_name='language')),
                        ('theme', models.CharField(choices=[('system', 'As the system'), ('light', 'Light'), ('dark', 'Dark')], default='system', max_length=10, verbose_name='theme')),
                        ('is_active', models.BooleanField(default=True, verbose_name='may sign in')),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='accounts.team', verbose_name='team')),
                        ('started_at', models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        'ordering': ['name', 'email'],
                    },
                ),
                migrations.CreateModel(
                    name='Heartbeat',
                    fields=[
                        ('name', models.CharField(max_length=50, primary_key=True, serialize=False)),
                        ('at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                    ],
                ),
                migrations.CreateModel(
                    name='ApiKey',
                    fields=[
                        ('digest', models.CharField(max_length=128, primary_key=True, serialize=False)),
                        ('token_key', models.CharField(db_index=True, max_length=25)),
                        ('created', models.DateTimeField(auto_now_add=True)),
                        ('expiry', models.DateTimeField(blank=True, null=True)),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('read', 'Read'), ('write', 'Read and write')], max_length=20), default=clm.accounts.models.api_key.read_only, size=None)),
                        ('last_used_at', models.DateTimeField(blank=True, null=True)),
                        ('revoked_at', models.DateTimeField(blank=True, null=True)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='auth_token_set', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-created'],
                    },
                ),
                migrations.CreateModel(
                    name='ExchangeRate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('currency', clm.base.money.CurrencyField(max_length=3, validators=[clm.base.money.validate_currency])),
                        ('on', models.DateField()),
                        ('rate', models.DecimalField(decimal_places=8, max_digits=18)),
                    ],
                    options={
                        'ordering': ['currency', '-on'],
                        'constraints': [models.UniqueConstraint(fields=('currency', 'on'), name='accounts_exchangerate_once_a_day'), models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='accounts_exchangerate_positive')],
                    },
                ),
                migrations.CreateModel(
                    name='Organisation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(default='My company', max_length=200, verbose_name='name')),
                        ('zone', models.CharField(default='UTC', help_text='Days, weeks and local hours are counted in this zone.', max_length=64, validators=[clm.accounts.models.organisation.validate_zone], verbose_name='time zone')),
                        ('currency', clm.base.money.CurrencyField(default='EUR', help_text='Amounts in other currencies are converted to it.', max_length=3, validators=[clm.base.money.validate_currency], verbose_name='reporting currency')),
                        ('margin', models.DecimalField(blank=True, decimal_places=4, help_text='Share of net revenue that is gross margin, 0 to 1. Without it CLV is shown as revenue to date.', max_digits=5, null=True, verbose_name='default margin')),
                        ('inactive_after_days', models.PositiveIntegerField(blank=True, help_text='Without a subscription, a customer counts as active for so many days after an order. Empty: worked out from the gaps between orders.', null=True, verbose_name='inactive after days')),
                        ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=clm.accounts.models.organisation.default_languages, size=None)),
                        ('administrators_need_two_factor', models.BooleanField(default=False, verbose_name='administrators must use two-factor sign-in')),
                        ('role_changes', models.JSONField(blank=True, default=dict)),
                        ('fields_stamp', models.CharField(blank=True, editable=False, max_length=32)),
                        ('bookkeeping_years', models.PositiveSmallIntegerField(default=10, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(30)], verbose_name='years of bookkeeping')),
                        ('kept_for', models.JSONField(blank=True, default=dict)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='accounts_organisation_is_one_row')],
                    },
                ),
                migrations.CreateModel(
                    name='AuditEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('door', models.CharField(max_length=10)),
                        ('action', models.CharField(max_length=100)),
                        ('subject_type', models.CharField(blank=True, max_length=100)),
                        ('subject_id', models.BigIntegerField(blank=True, null=True)),
                        ('subject_label', models.CharField(blank=True, max_length=200)),
                        ('details', models.JSONField(blank=True, default=dict)),
                        ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-at', '-pk'],
                        'indexes': [models.Index(fields=['subject_type', 'subject_id', '-at'], name='accounts_audit_by_subject'), models.Index(fields=['-at'], name='accounts_audit_by_time')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('door__in', ['page', 'api', 'task', 'command'])), name='accounts_audit_door_is_known')],
                    },
                ),
                migrations.CreateModel(
                    name='IdempotentAnswer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=200)),
                        ('request_hash', models.CharField(max_length=64)),
                        ('status', models.PositiveSmallIntegerField(null=True)),
                        ('body', models.JSONField(null=True)),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='accounts_idempotency_key_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Job',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=50)),
                        ('title', models.CharField(max_length=200)),
                        ('parameters', models.JSONField(default=dict)),
                        ('status', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                        ('done', models.BigIntegerField(default=0)),
                        ('total', models.BigIntegerField(null=True)),
                        ('cursor', models.JSONField(default=dict)),
                        ('result', models.JSONField(default=dict)),
                        ('error', models.TextField(blank=True)),
                        ('attempts', models.PositiveIntegerField(default=0)),
                        ('lease_until', models.DateTimeField(null=True)),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('started_at', models.DateTimeField(null=True)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-pk'],
                        'indexes': [models.Index(condition=models.Q(('status__in', ['queued', 'running'])), fields=['lease_until'], name='accounts_job_open')],
                    },
                ),
                migrations.CreateModel(
                    name='SavedView',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('page', models.CharField(max_length=50)),
                        ('name', models.CharField(max_length=60, verbose_name='name')),
                        ('query', models.CharField(blank=True, max_length=7000)),
                        ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                        ('is_shared', models.BooleanField(default=False, verbose_name='shared with everyone')),
                        ('position', models.PositiveIntegerField(default=0)),
                        ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL)),
                        ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.team')),
                    ],
                    options={
                        'ordering': ['position', 'name'],
                        'constraints': [models.UniqueConstraint(fields=('owner', 'page', 'name'), name='accounts_savedview_name_once_per_page'), models.CheckConstraint(condition=models.Q(('team', None), ('is_shared', False), _connector='OR'), name='accounts_savedview_one_audience')],
                    },
                ),
                migrations.CreateModel(
                    name='BulkChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('page', models.CharField(max_length=50)),
                        ('action', models.CharField(max_length=50)),
                        ('values', models.JSONField(default=dict)),
                        ('query', models.TextField(blank=True)),
                        ('ids', models.JSONField(null=True)),
                        ('chosen', models.BigIntegerField()),
                        ('changed', models.BigIntegerField(default=0)),
                        ('unchanged', models.BigIntegerField(default=0)),
                        ('refused', models.BigIntegerField(default=0)),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('restored', models.BigIntegerField(default=0)),
                        ('left', models.BigIntegerField(default=0)),
                        ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                        ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('undoing', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.job')),
                    ],
                    options={
                        'ordering': ['-pk'],
                        'indexes': [models.Index(fields=['created_at'], name='accounts_bulk_by_time')],
                    },
                ),
                migrations.CreateModel(
                    name='BulkRow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject', models.BigIntegerField()),
                        ('before', models.JSONField(null=True)),
                        ('refusal', models.TextField(blank=True)),
                        ('restored', models.BooleanField(null=True)),
                        ('change', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='accounts.bulkchange')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('change', 'subject'), name='accounts_bulkrow_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ViewChoice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('page', models.CharField(max_length=50)),
                        ('order', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                        ('default', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.savedview')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('user', 'page'), name='accounts_viewchoice_once_per_list')],
                    },
                ),
            ]
        ),
    ]
