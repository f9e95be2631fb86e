from django.utils.translation import gettext_lazy as _

from clm.accounts.jobs import job_kind
from lifecycle.evaluation import nightly_job
from lifecycle.publishing import takeover_job
from lifecycle.replay import replay_job
from lifecycle.simulating.running import simulation_job

job_kind("lifecycle.nightly", cancelled=_("Customers not looked at yet are looked at the next night."))(
    nightly_job
)
job_kind(
    "lifecycle.replay",
    cancelled=_(
        "Customers done so far keep the new history, the others the old one, until the replay is run again."
    ),
)(replay_job)
job_kind(
    "lifecycle.takeover",
    cancelled=_("The version stays published; customers not moved yet follow with the next nightly check."),
)(takeover_job)
job_kind("lifecycle.simulation", cancelled=_("There is no result; simulate again for one."))(simulation_job)
