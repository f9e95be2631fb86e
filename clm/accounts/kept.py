"""What of this app may go once it is old enough."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import AuditEntry, Job
from clm.base.kept import Kept, Part, delete, register


def _entries(before: datetime) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(at__lt=before)


def _jobs(before: datetime) -> QuerySet[Job]:
    return Job.objects.filter(finished_at__lt=before)


register(
    Kept(
        "audit",
        _("Audit log"),
        _("Who did what, and when. Needed to look into a breach, and to show that rules were kept."),
        [Part(_entries, delete)],
        usual=730,
        least=90,
    )
)
register(
    Kept(
        "jobs",
        _("Finished jobs"),
        _("What ran in the background and how it ended. What the jobs made stays."),
        [Part(_jobs, delete)],
        usual=365,
        least=7,
    )
)
