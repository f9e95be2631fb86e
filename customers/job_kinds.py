"""Long work of this app, run by `clm.accounts.jobs`."""

from django.utils.translation import gettext_lazy as _

from clm.accounts.jobs import job_kind
from customers.duplicates import finding
from customers.importing import emptied
from customers.importing.converting import run_conversion
from customers.importing.running import run_check, run_import
from customers.importing.undoing import run_undo
from customers.intake import conversion
from customers.models.import_run import JOB_KIND
from customers.privacy import erasing, exporting
from customers.scoring import computing as scoring
from customers.segments import computing, filling

job_kind(JOB_KIND)(run_import)
job_kind("import-check")(run_check)
job_kind("import-undo")(run_undo)
job_kind(emptied.JOB_KIND)(emptied.run_removal)
job_kind(
    conversion.JOB_KIND,
    cancelled=_(
        "Amounts converted so far have the new rate, the others keep the old one until exchange rates are next imported; the same ones will do."
    ),
)(run_conversion)
job_kind(computing.JOB_KIND)(computing.refresh_job)
job_kind(filling.JOB_KIND)(filling.fill_job)
job_kind(finding.JOB_KIND)(finding.search_job)
job_kind(scoring.JOB_KIND)(scoring.work_out_job)
job_kind(exporting.JOB_KIND)(exporting.export_job)
job_kind(erasing.JOB_KIND)(erasing.erase_job)
