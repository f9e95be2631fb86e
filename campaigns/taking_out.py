"""Lists about campaigns as rows for a file, the heading first: all pages of what the reader sees."""

from collections.abc import Callable, Iterator

from django.db.models import QuerySet

from campaigns import counting
from campaigns.models import Campaign, Enrollment, Message, Suppression, Survey, Template
from campaigns.telling import entries_of
from clm.base import keyset
from clm.base.downloads import Columns, table

Rows = Iterator[list[object]]
PORTION = 2000


def campaign_lines() -> Rows:
    rows = list(keyset.ordered(counting.for_list(Campaign.objects.all()), "-created_at"))
    newest = counting.newest_versions([campaign.pk for campaign in rows])
    entries = entries_of(newest.values())
    columns: Columns = {
        "id": "pk",
        "name": "name",
        "status": "status",
        "entry": lambda campaign: entries[newest[campaign.pk].pk],
        "active": "active",
        "sent": "sent",
        "failed": "failed",
        "in_doubt": "in_doubt",
        "created_at": "created_at",
    }
    return table(rows, columns)


def people_lines(runs: QuerySet[Enrollment]) -> Rows:
    columns: Columns = {
        "customer_number": "customer_id",
        "customer": lambda run: str(run.customer),
        "email": "customer.email",
        "version": "version.number",
        "entered_at": "entered_at",
        "next_step_at": "next_step_at",
        "finished_at": "finished_at",
        "outcome": "outcome",
        "reason": "reason",
    }
    return table(keyset.ordered(runs, "-entered_at").iterator(chunk_size=PORTION), columns)


def message_lines(messages: QuerySet[Message]) -> Rows:
    columns: Columns = {
        "id": "pk",
        "customer_number": "customer_id",
        "customer": lambda message: str(message.customer),
        "address": "address",
        "campaign": "campaign.name",
        "template": "step.template.name",
        "kind": "kind",
        "state": "state",
        "reason": "reason",
        "words": "words",
        "queued_at": "queued_at",
        "not_before": "not_before",
        "handed_at": "handed_at",
        "sent_at": "sent_at",
        "settled_at": "settled_at",
    }
    return table(keyset.ordered(messages, "-queued_at").iterator(chunk_size=PORTION), columns)


def suppression_lines(rows: QuerySet[Suppression]) -> Rows:
    columns: Columns = {
        "address": "address",
        "reason": "reason",
        "words": "words",
        "suppressed_at": "suppressed_at",
        "by": "suppressed_by.email",
    }
    return table(keyset.ordered(rows, "-suppressed_at").iterator(chunk_size=PORTION), columns)


def template_lines(rows: QuerySet[Template], subject: Callable[[Template], str]) -> Rows:
    columns: Columns = {
        "id": "pk",
        "name": "name",
        "kind": "message_class",
        "subject": subject,
        "languages": lambda template: " ".join(text.language for text in template.texts.all()),
        "changed_at": "changed_at",
    }
    return table(keyset.ordered(rows, "-changed_at").iterator(chunk_size=PORTION), columns)


def survey_lines(rows: QuerySet[Survey]) -> Rows:
    columns: Columns = {
        "id": "pk",
        "slug": "slug",
        "name": "name",
        "kind": "kind",
        "asked": "asked",
        "answers": "answers",
        "last_answer_at": "last_at",
        "archived_at": "archived_at",
    }
    return table(rows, columns)
