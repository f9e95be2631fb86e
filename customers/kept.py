"""What of this app may go once it is old enough: texts and files, never the facts that numbers are made of."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clm.accounts.models.job import JobStatus
from clm.base.kept import Kept, Part, Unit, delete, register
from customers.importing.setup import file_of
from customers.importing.unpacking import forget
from customers.models import Import, ImportProblem, Interaction, Lead
from customers.models.import_run import ImportStatus
from customers.privacy import idle
from customers.privacy.forgetting import GONE

UNFINISHED = (ImportStatus.DRAFT, ImportStatus.RUNNING, ImportStatus.FAILED)
LET_GO = "file_let_go"


def _problems(before: datetime) -> QuerySet[ImportProblem]:
    """Also of an import that stopped half way and that nobody went on with."""
    busy = Q(run__job__status__in=[JobStatus.QUEUED, JobStatus.RUNNING])
    stopped = Q(run__finished_at=None, run__created_at__lt=before) & ~busy
    return ImportProblem.objects.filter(Q(run__finished_at__lt=before) | stopped)


def _left_files(before: datetime) -> QuerySet[Import]:
    """Of imports that nobody saw through; those that ended well have none."""
    busy = Q(job__status__in=[JobStatus.QUEUED, JobStatus.RUNNING])
    old = Import.objects.filter(status__in=UNFINISHED, created_at__lt=before)
    return old.exclude(options__has_key=LET_GO).exclude(busy)


def _forget_files(rows: QuerySet[Import]) -> int:
    runs = list(rows.select_for_update(of=("self",)))
    for run in runs:
        run.options |= {LET_GO: True}
        run.save(update_fields=["options"])
        transaction.on_commit(partial(forget, file_of(run)))
    return len(runs)


def _texts(before: datetime) -> QuerySet[Interaction]:
    return Interaction.objects.filter(occurred_at__lt=before).exclude(text__in=["", GONE])


def _forget_texts(rows: QuerySet[Interaction]) -> int:
    return rows.update(text=GONE)


def _enquiries(before: datetime) -> QuerySet[Lead]:
    return Lead.objects.filter(closed_at__lt=before).exclude(enquiry={})


def _forget_enquiries(rows: QuerySet[Lead]) -> int:
    return rows.update(enquiry={})


register(
    Kept(
        "import-rows",
        _("Rows that an import left out"),
        _("They stand in the error file, to be corrected. How many there were stays."),
        [Part(_problems, delete)],
        usual=90,
    )
)
register(
    Kept(
        "import-files",
        _("Files of imports that nobody finished"),
        _("Whoever goes on with such an import later brings the file again."),
        [Part(_left_files, _forget_files)],
        usual=30,
        portion=50,
    )
)
register(
    Kept(
        "notes",
        _("Texts of notes, calls and meetings"),
        _("That there was one, when and by whom stays."),
        [Part(_texts, _forget_texts)],
        least=30,
    )
)
register(
    Kept(
        "enquiries",
        _("What people wrote when a lead was opened"),
        _("Name and address as they gave them, once the lead is closed. The lead stays."),
        [Part(_enquiries, _forget_enquiries)],
        usual=None,
        least=30,
    )
)
register(
    Kept(
        "idle-customers",
        _("Customers and leads without any activity"),
        _(
            "They are erased as if they had asked for it, which can't be undone: no order, event, answer, call or change"
            " for so long, no open lead, task or ticket, and no order in the years of bookkeeping."
        ),
        [Part(idle.idle_customers, idle.forget)],
        unit=Unit.MONTHS,
        least=6,
        portion=1,
        most=500,
    )
)
