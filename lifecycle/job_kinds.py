from clm.accounts.jobs import job_kind
from lifecycle.evaluation import nightly_job
from lifecycle.publishing import takeover_job
from lifecycle.replay import replay_job

job_kind("lifecycle.nightly")(nightly_job)
job_kind("lifecycle.replay")(replay_job)
job_kind("lifecycle.takeover")(takeover_job)
