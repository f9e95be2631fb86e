"""Long work of this app, run by `clm.accounts.jobs`."""

from django.utils.translation import gettext_lazy as _

from clm.accounts.bulk import doing, undoing
from clm.accounts.jobs import job_kind
from clm.accounts.keeping import purging

job_kind(doing.JOB_KIND, cancelled=_("The rows changed so far stay changed; they can be undone."))(
    doing.bulk_job
)
job_kind(undoing.JOB_KIND, cancelled=_("The rows given back so far stay so."))(undoing.undo_job)
job_kind(purging.JOB_KIND, cancelled=_("What is gone is gone; the rest goes the next night."))(
    purging.purge_job
)
