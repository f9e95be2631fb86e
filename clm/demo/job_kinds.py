from clm.accounts.jobs import job_kind
from clm.demo.running import load_job, removal_job

job_kind("demo.load")(load_job)
job_kind("demo.removal")(removal_job)
