import campaigns.models.sending
import clm.base.db
import datetime
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

from clm.base.tables import CreateTables


class Migration(migrations.Migration):
    """What the migrations before made step by step, for a new database. Those that have some go on from there."""

    replaces = [
        ("campaigns", "0001_surveys"),
        ("campaigns", "0002_sending"),
        ("campaigns", "0003_asked_recently"),
        ("campaigns", "0004_handover"),
        ("campaigns", "0005_survey_archived_at"),
        ("campaigns", "0006_original_customer_by_word"),
        ("campaigns", "0007_message_reasons"),
        ("campaigns", "0008_survey_put_away"),
        ("campaigns", "0009_response_s_import_by_word"),
        ("campaigns", "0010_forgotten_addresses"),
    ]

    initial = True

    dependencies = [
        ("customers", "0011_lighter_to_fill"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name='Survey',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('nps', 'Net Promoter Score')], default='nps', max_length=10)),
                        ('name', models.CharField(max_length=100, verbose_name='name')),
                        ('slug', models.SlugField(max_length=64, unique=True)),
                        ('texts', models.JSONField(blank=True, default=dict)),
                        ('recontact_days', models.PositiveIntegerField(default=90, validators=[django.core.validators.MaxValueValidator(3650)], verbose_name='days until the same customer is asked this again')),
                        ('quiet_days', models.PositiveIntegerField(default=7, validators=[django.core.validators.MaxValueValidator(3650)], verbose_name='days of quiet after any other survey')),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('archived_at', models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='Invitation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('occurred_at', models.DateTimeField()),
                        ('source', models.CharField(max_length=64)),
                        ('key', models.CharField(max_length=200)),
                        ('root', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('first_id'), models.F('id')), output_field=models.BigIntegerField())),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('first', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.invitation')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('survey', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.survey')),
                    ],
                    options={
                        'abstract': False,
                        'indexes': [models.Index(condition=models.Q(('first__isnull', False)), fields=['first'], name='campaigns_invitation_later'), models.Index(condition=models.Q(('superseded_at', None)), fields=['customer', 'occurred_at'], name='campaigns_invitation_at'), models.Index(condition=models.Q(('superseded_at', None)), fields=['occurred_at'], name='campaigns_invitation_when')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('source', 'key'), name='campaigns_invitation_one_live_version')],
                    },
                ),
                migrations.CreateModel(
                    name='Response',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('superseded_at', models.DateTimeField(blank=True, null=True)),
                        ('occurred_at', models.DateTimeField()),
                        ('source', models.CharField(max_length=64)),
                        ('key', models.CharField(max_length=200)),
                        ('root', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('first_id'), models.F('id')), output_field=models.BigIntegerField())),
                        ('score', models.PositiveSmallIntegerField(validators=[django.core.validators.MaxValueValidator(10)], verbose_name='score')),
                        ('text', models.TextField(blank=True, max_length=4000, verbose_name='comment')),
                        ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                        ('via', models.CharField(choices=[('message', 'Message'), ('link', 'Link'), ('elsewhere', 'Another system')], default='elsewhere', max_length=10, verbose_name='answered by')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('first', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.response')),
                        ('invitation', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.invitation')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('written_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.import')),
                        ('survey', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.survey')),
                    ],
                    options={
                        'abstract': False,
                        'indexes': [models.Index(condition=models.Q(('first__isnull', False)), fields=['first'], name='campaigns_response_later'), models.Index(condition=models.Q(('superseded_at', None)), fields=['customer', 'occurred_at'], name='campaigns_response_at'), models.Index(condition=models.Q(('superseded_at', None)), fields=['occurred_at', 'id'], name='campaigns_response_when'), models.Index(condition=models.Q(('invitation__isnull', False)), fields=['invitation'], name='campaigns_response_invited')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('source', 'key'), name='campaigns_response_one_live_version'), models.CheckConstraint(condition=models.Q(('score__gte', 0), ('score__lte', 10)), name='campaigns_response_score_is_0_to_10')],
                    },
                ),
                migrations.CreateModel(
                    name='Campaign',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=200, verbose_name='name')),
                        ('kind', models.CharField(choices=[('nurture', 'Nurture: a series of messages for each who enters'), ('broadcast', 'Broadcast: one message to all at once')], default='nurture', max_length=10, verbose_name='kind')),
                        ('status', models.CharField(choices=[('draft', 'Draft'), ('running', 'Running'), ('paused', 'Paused'), ('finished', 'Finished')], default='draft', max_length=10, verbose_name='status')),
                        ('purpose', models.CharField(choices=[('marketing', 'Marketing messages'), ('open_tracking', 'Seeing whether a message is opened'), ('click_tracking', 'Seeing which links are clicked'), ('profiling', 'Scores and predictions')], default='marketing', help_text='Only customers who have consented to it get the messages.', max_length=20, verbose_name='purpose')),
                        ('reentry', models.CharField(choices=[('once', 'Never: each customer once'), ('on_rematch', 'On entering the stage or segment again'), ('after_days', 'So many days after leaving the campaign')], default='once', max_length=12, verbose_name='re-entry')),
                        ('reentry_days', models.PositiveIntegerField(blank=True, null=True, verbose_name='days until re-entry')),
                        ('priority', models.PositiveSmallIntegerField(default=5, help_text='1 is the most important: it goes first where not all messages may be sent.', verbose_name='priority')),
                        ('sender_name', models.CharField(blank=True, max_length=100, verbose_name='sender name')),
                        ('sender_address', models.EmailField(blank=True, max_length=254, verbose_name='sender address')),
                        ('reply_to', models.EmailField(blank=True, max_length=254, verbose_name='reply to')),
                        ('preset', models.CharField(blank=True, max_length=50)),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('launched_at', models.DateTimeField(blank=True, null=True)),
                        ('entrants_since', models.DateTimeField(blank=True, null=True)),
                        ('paused_at', models.DateTimeField(blank=True, null=True)),
                        ('pause_reason', models.CharField(blank=True, max_length=500)),
                        ('finished_at', models.DateTimeField(blank=True, null=True)),
                        ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('preset', ''), _negated=True), fields=('preset',), name='campaigns_campaign_preset_once'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'running', 'paused', 'finished'])), name='campaigns_campaign_status_is_known'), models.CheckConstraint(condition=models.Q(('status', 'draft'), models.Q(('entrants_since__isnull', False), ('launched_at__isnull', False)), _connector='OR'), name='campaigns_campaign_runs_since_launch'), models.CheckConstraint(condition=models.Q(models.Q(('paused_at__isnull', False), ('status', 'paused')), models.Q(models.Q(('status', 'paused'), _negated=True), ('pause_reason', ''), ('paused_at', None)), _connector='OR'), name='campaigns_campaign_paused_since'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('status', 'finished')), models.Q(models.Q(('status', 'finished'), _negated=True), ('finished_at', None)), _connector='OR'), name='campaigns_campaign_finished_at'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('reentry', 'after_days'), _negated=True), ('reentry_days', None)), models.Q(('reentry', 'after_days'), ('reentry_days__gte', 1)), _connector='OR'), name='campaigns_campaign_reentry_days')],
                    },
                ),
                migrations.CreateModel(
                    name='CampaignVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('status', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=10)),
                        ('trigger', models.JSONField(default=dict, verbose_name='trigger')),
                        ('exit_condition', models.JSONField(blank=True, help_text='Customers for whom it holds leave the campaign, and get no message that waits.', null=True, verbose_name='exit condition')),
                        ('goal', models.JSONField(blank=True, help_text='Customers for whom it holds have reached what the campaign is for, and leave it.', null=True, verbose_name='goal')),
                        ('leaves_with_stage', models.BooleanField(default=True, verbose_name='leave the campaign on leaving the stage or segment')),
                        ('leaves_on_unsubscribe', models.BooleanField(default=True, verbose_name='leave the campaign on unsubscribing')),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('published_at', models.DateTimeField(blank=True, null=True)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='campaigns.campaign')),
                        ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['campaign', '-number'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'number'), name='campaigns_version_number_once'), models.UniqueConstraint(condition=models.Q(('status', 'published')), fields=('campaign',), name='campaigns_version_one_published'), models.UniqueConstraint(condition=models.Q(('status', 'draft')), fields=('campaign',), name='campaigns_version_one_draft')],
                    },
                ),
                migrations.CreateModel(
                    name='Enrollment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(blank=True, max_length=200)),
                        ('matched_at', models.DateTimeField()),
                        ('entered_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('position', models.PositiveSmallIntegerField(default=0)),
                        ('next_step_at', models.DateTimeField(blank=True, null=True)),
                        ('finished_at', models.DateTimeField(blank=True, null=True)),
                        ('outcome', models.CharField(blank=True, choices=[('completed', 'Went through all steps'), ('exit', 'The exit condition was met'), ('goal', 'Reached the goal'), ('left', 'Left the stage or segment'), ('unsubscribed', 'Unsubscribed'), ('merged', 'Merged into another customer'), ('removed', 'Taken out by a person'), ('campaign_finished', 'The campaign was finished')], max_length=20)),
                        ('reason', models.CharField(blank=True, max_length=500)),
                        ('campaign', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='campaigns.campaign')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.campaignversion')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('finished_at', None)), fields=['next_step_at'], name='campaigns_enrollment_due'), models.Index(condition=models.Q(('finished_at', None)), fields=['version', 'position'], name='campaigns_enrollment_at_step'), models.Index(fields=['customer', 'campaign'], name='campaigns_enrollment_of'), models.Index(fields=['campaign', '-entered_at'], name='campaigns_enrollment_newest')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('finished_at', None)), fields=('customer', 'campaign', 'key'), name='campaigns_enrollment_one_active'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('next_step_at__isnull', False), ('outcome', '')), models.Q(('finished_at__isnull', False), ('next_step_at', None), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='campaigns_enrollment_active_or_finished')],
                    },
                ),
                migrations.CreateModel(
                    name='MailServer',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('waiting_since', models.DateTimeField(null=True)),
                        ('words', models.TextField(blank=True)),
                        ('probes', models.PositiveIntegerField(default=0)),
                        ('probe_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='campaigns_mail_server_is_one_row')],
                    },
                ),
                migrations.CreateModel(
                    name='Template',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=200, verbose_name='name')),
                        ('message_class', models.CharField(choices=[('value', 'Value: helps or informs'), ('promo', 'Promotion: sells'), ('service', 'Service: about what was bought')], default='value', max_length=10, verbose_name='kind of message')),
                        ('preset', models.CharField(blank=True, max_length=50)),
                        ('created_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('archived_at', models.DateTimeField(blank=True, null=True)),
                        ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('preset', ''), _negated=True), fields=('preset',), name='campaigns_template_preset_once')],
                    },
                ),
                migrations.CreateModel(
                    name='TemplateVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('digest', models.CharField(max_length=64)),
                        ('frozen_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('frozen_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('template', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='campaigns.template')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('template', 'number'), name='campaigns_template_version_number_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Step',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('kind', models.CharField(choices=[('message', 'Message'), ('wait', 'Wait'), ('exit', 'Exit')], max_length=10, verbose_name='kind')),
                        ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
                        ('wait_amount', models.PositiveIntegerField(blank=True, null=True, verbose_name='wait')),
                        ('wait_unit', models.CharField(choices=[('minutes', 'minutes'), ('hours', 'hours'), ('days', 'days')], default='days', max_length=10, verbose_name='unit')),
                        ('condition', models.JSONField(blank=True, null=True, verbose_name='condition')),
                        ('settings', models.JSONField(blank=True, default=dict)),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='campaigns.campaignversion')),
                        ('template', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.template')),
                        ('frozen', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.templateversion')),
                    ],
                    options={
                        'ordering': ['position'],
                        'constraints': [models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('version', 'position'), name='campaigns_step_position_once'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('kind', 'wait'), _negated=True), ('wait_amount', None)), models.Q(('kind', 'wait'), ('wait_amount__gte', 1)), _connector='OR'), name='campaigns_step_wait_has_length'), models.CheckConstraint(condition=models.Q(('kind', 'message'), models.Q(('frozen', None), ('template', None)), _connector='OR'), name='campaigns_step_only_messages_have_text')],
                    },
                ),
                migrations.CreateModel(
                    name='Message',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('campaign', 'Campaign'), ('test', 'Test')], default='campaign', max_length=10)),
                        ('address', models.CharField(blank=True, max_length=254)),
                        ('purpose', models.CharField(choices=[('marketing', 'Marketing messages'), ('open_tracking', 'Seeing whether a message is opened'), ('click_tracking', 'Seeing which links are clicked'), ('profiling', 'Scores and predictions')], default='marketing', max_length=20)),
                        ('priority', models.PositiveSmallIntegerField(default=5)),
                        ('state', models.CharField(choices=[('queued', 'Queued'), ('held', 'Held until later'), ('claimed', 'About to be sent'), ('handing', 'Being handed over'), ('sent', 'Sent'), ('failed', 'Failed'), ('in_doubt', 'In doubt'), ('suppressed', 'Not allowed'), ('capped', 'Over the cap'), ('expired', 'Too late'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                        ('reason', models.CharField(blank=True, choices=[('no_consent', 'No consent'), ('unsubscribed', 'Unsubscribed'), ('suppressed', 'The address must not be written to'), ('no_address', 'The customer has no e-mail address'), ('nobody', 'Not a real address: its domain is kept for examples and tests'), ('over_cap', 'The customer has had enough messages for now'), ('quiet_hours', 'It is night where the customer is'), ('asked_recently', 'A survey asked the customer too recently'), ('survey_put_away', 'The survey that it asks was put away: nobody is asked any more'), ('customer_busy', 'The customer was just being changed'), ('unchecked', 'The conditions of the campaign took too long to check'), ('expired', 'It could not be sent in time'), ('exit', 'The exit condition was met'), ('goal', 'The goal was reached'), ('left', 'The customer left the stage or segment'), ('merged', 'The customer was merged into another'), ('run_ended', "The customer's run had ended"), ('campaign_finished', 'The campaign was finished'), ('skipped', 'Skipped when the campaign was resumed'), ('person', 'A colleague cancelled it'), ('unreadable', 'The text could not be filled in for this customer'), ('put_off', 'The mail server put it off'), ('refused', 'The mail server refused it'), ('no_answer', 'The mail server did not answer after it was handed over'), ('crashed', 'The sending process ended while handing it over')], max_length=20)),
                        ('words', models.TextField(blank=True)),
                        ('dedupe_key', models.CharField(max_length=200, unique=True)),
                        ('message_id', models.CharField(max_length=200)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('queued_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('not_before', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('expires_at', models.DateTimeField()),
                        ('lease_until', models.DateTimeField(blank=True, null=True)),
                        ('claim_token', models.UUIDField(blank=True, null=True)),
                        ('handed_at', models.DateTimeField(blank=True, null=True)),
                        ('sent_at', models.DateTimeField(blank=True, null=True)),
                        ('settled_at', models.DateTimeField(blank=True, null=True)),
                        ('campaign', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='campaigns.campaign')),
                        ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('enrollment', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='campaigns.enrollment')),
                        ('original_customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                        ('step', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.step')),
                        ('text', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.templateversion')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'held'])), fields=['not_before', 'id'], name='campaigns_message_due'), models.Index(condition=models.Q(('state__in', ['claimed', 'handing'])), fields=['lease_until'], name='campaigns_message_leased'), models.Index(condition=models.Q(('state', 'in_doubt')), fields=['id'], name='campaigns_message_in_doubt'), models.Index(condition=models.Q(('state__in', ['handing', 'sent', 'in_doubt'])), fields=['customer', 'handed_at'], name='campaigns_message_counted'), models.Index(fields=['customer', '-queued_at'], name='campaigns_message_of'), models.Index(fields=['campaign', 'state', 'id'], name='campaigns_message_by_state'), models.Index(condition=models.Q(('enrollment__isnull', False)), fields=['enrollment', 'step'], name='campaigns_message_of_run'), models.Index(condition=models.Q(('state__in', ['sent', 'failed'])), fields=['campaign', '-settled_at'], name='campaigns_message_tried')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'held', 'claimed', 'handing', 'sent', 'failed', 'in_doubt', 'suppressed', 'capped', 'expired', 'cancelled'])), name='campaigns_message_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('claim_token__isnull', False), ('lease_until__isnull', False), ('state__in', ('claimed', 'handing'))), models.Q(models.Q(('state__in', ('claimed', 'handing')), _negated=True), ('lease_until', None)), _connector='OR'), name='campaigns_message_leased_while_worked_on'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('handing', 'sent', 'in_doubt')), _negated=True), ('handed_at__isnull', False), _connector='OR'), name='campaigns_message_handed_before_sent'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at', None)), _connector='OR'), name='campaigns_message_sent_at'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', False), ('state__in', ('sent', 'failed', 'suppressed', 'capped', 'expired', 'cancelled'))), models.Q(models.Q(('state__in', ('sent', 'failed', 'suppressed', 'capped', 'expired', 'cancelled')), _negated=True), ('settled_at', None)), _connector='OR'), name='campaigns_message_settled_at'), models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'claimed', 'handing', 'sent']), models.Q(('reason', ''), _negated=True), _connector='OR'), name='campaigns_message_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'campaign'), _negated=True), models.Q(('campaign__isnull', False), ('enrollment__isnull', False), ('step__isnull', False)), _connector='OR'), name='campaigns_message_of_a_step')],
                    },
                ),
                migrations.CreateModel(
                    name='Delivery',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('sent', 'Taken over by the mail server'), ('deferred', 'Put off by the mail server'), ('failed', 'Refused by the mail server'), ('no_answer', 'No answer after handing over'), ('bounced', 'Bounced'), ('complained', 'Reported as spam'), ('opened', 'Opened'), ('clicked', 'Clicked'), ('send_again', 'A person chose to send it again'), ('counted_as_sent', 'A person chose to count it as sent')], max_length=20)),
                        ('occurred_at', models.DateTimeField()),
                        ('recorded_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('code', models.PositiveSmallIntegerField(blank=True, null=True)),
                        ('words', models.TextField(blank=True)),
                        ('details', models.JSONField(blank=True, default=dict)),
                        ('message', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='campaigns.message')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['message', 'occurred_at'], name='campaigns_delivery_of')],
                    },
                ),
                migrations.CreateModel(
                    name='SendingRules',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('cap_messages', models.PositiveSmallIntegerField(default=3, help_text='Each customer gets no more in the given days, from all campaigns together.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='at most so many messages')),
                        ('cap_days', models.PositiveSmallIntegerField(default=7, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)], verbose_name='in so many days')),
                        ('quiet_from', models.TimeField(default=datetime.time(21, 0), help_text="In the customer's time zone. The same time twice: no quiet hours.", verbose_name='quiet from')),
                        ('quiet_until', models.TimeField(default=datetime.time(8, 0), verbose_name='quiet until')),
                        ('expires_after_hours', models.PositiveIntegerField(default=72, help_text='A message that could not be sent by then is no longer worth sending.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(2160)], verbose_name='give up after hours')),
                        ('stopped_at', models.DateTimeField(blank=True, null=True)),
                        ('stop_reason', models.CharField(blank=True, max_length=500)),
                        ('stopped_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('salt', models.CharField(default=campaigns.models.sending.new_salt, editable=False, max_length=64)),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='campaigns_sending_rules_is_one_row'), models.CheckConstraint(condition=models.Q(('cap_days__gte', 1), ('cap_messages__gte', 1), ('expires_after_hours__gte', 1)), name='campaigns_sending_rules_are_positive')],
                    },
                ),
                migrations.CreateModel(
                    name='Suppression',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('address', models.CharField(max_length=254, verbose_name='e-mail')),
                        ('reason', models.CharField(choices=[('bounced', 'The mail server says that the address does not work'), ('complained', 'The reader reported a message as spam'), ('asked', 'The reader asked never to be written to'), ('erased', 'The person asked to be forgotten'), ('person', 'A colleague stopped it')], max_length=20, verbose_name='reason')),
                        ('words', models.TextField(blank=True)),
                        ('suppressed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('lifted_at', models.DateTimeField(blank=True, null=True)),
                        ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('message', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='campaigns.message')),
                        ('suppressed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('address',), name='campaigns_suppression_one_live')],
                    },
                ),
                migrations.CreateModel(
                    name='TemplateText',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('language', models.CharField(choices=[('en', 'English'), ('da', 'Danish'), ('sv', 'Swedish'), ('nl', 'Dutch'), ('de', 'German')], max_length=10, verbose_name='language')),
                        ('subject', models.CharField(max_length=300, verbose_name='subject')),
                        ('preheader', models.CharField(blank=True, max_length=300, verbose_name='preview text')),
                        ('blocks', models.JSONField(default=list, verbose_name='content')),
                        ('changed_at', models.DateTimeField(db_default=clm.base.db.ClockTimestamp())),
                        ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='texts', to='campaigns.template')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('template', 'language'), name='campaigns_template_one_text_a_language')],
                    },
                ),
                migrations.CreateModel(
                    name='FrozenText',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('language', models.CharField(choices=[('en', 'English'), ('da', 'Danish'), ('sv', 'Swedish'), ('nl', 'Dutch'), ('de', 'German')], max_length=10, verbose_name='language')),
                        ('subject', models.CharField(max_length=300, verbose_name='subject')),
                        ('preheader', models.CharField(blank=True, max_length=300, verbose_name='preview text')),
                        ('blocks', models.JSONField(default=list, verbose_name='content')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='texts', to='campaigns.templateversion')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('version', 'language'), name='campaigns_frozen_one_text_a_language')],
                    },
                ),
                migrations.CreateModel(
                    name='HandOver',
                    fields=[
                        ('token', models.UUIDField(primary_key=True, serialize=False)),
                        ('begun', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                        ('lease_until', models.DateTimeField()),
                    ],
                ),
            ]
        ),
    ]
