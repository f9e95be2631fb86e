"""Celery, and THE schedule: all work that happens by itself is one line here."""

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clm.settings")

app = Celery("clm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "heartbeat": {"task": "clm.accounts.tasks.beat", "schedule": 30.0},
    "resume-jobs": {"task": "clm.accounts.tasks.resume_jobs", "schedule": 60.0},
    "evaluate-changed-customers": {"task": "lifecycle.tasks.evaluate_changed", "schedule": 60.0},
    "evaluate-all-customers": {
        "task": "lifecycle.tasks.evaluate_all",
        "schedule": crontab(hour=1, minute=10),
    },
    "forget-old-simulations": {
        "task": "lifecycle.tasks.forget_old_simulations",
        "schedule": crontab(hour=3, minute=40),
    },
    "forget-old-answers": {
        "task": "clm.accounts.tasks.forget_old_answers",
        "schedule": crontab(hour=3, minute=20),
    },
    "forget-bulk-rows": {
        "task": "clm.accounts.tasks.forget_bulk_rows",
        "schedule": crontab(hour=3, minute=25),
    },
    "let-go-of-what-is-old": {"task": "clm.accounts.tasks.purge", "schedule": crontab(hour=4, minute=10)},
    "refresh-changed-segments": {"task": "customers.tasks.refresh_changed_segments", "schedule": 60.0},
    "refresh-all-segments": {
        "task": "customers.tasks.refresh_all_segments",
        "schedule": crontab(hour=2, minute=10),
    },
    "remind-of-tasks": {"task": "customers.tasks.remind", "schedule": 60.0},
    "forget-exports": {"task": "customers.tasks.forget_exports", "schedule": 3600.0},
    "find-duplicates": {"task": "customers.tasks.find_duplicates", "schedule": crontab(hour=2, minute=40)},
    "learn-new-names": {"task": "customers.tasks.learn_new_names", "schedule": 300.0},
    "learn-all-names": {"task": "customers.tasks.learn_all_names", "schedule": crontab(hour=2, minute=50)},
    "work-out-scores": {"task": "customers.tasks.work_out_scores", "schedule": 60.0},
    "run-campaigns": {"task": "campaigns.tasks.run_campaigns", "schedule": 60.0},
    # A sender that is late is overtaken by the next: what waits in the broker is worth nothing after that.
    "deliver-messages": {"task": "campaigns.tasks.deliver", "schedule": 5.0, "options": {"expires": 5}},
    "recover-messages": {"task": "campaigns.tasks.recover_messages", "schedule": 30.0},
    "fold-days-into-rollups": {"task": "metrics.tasks.fold_changed_days", "schedule": 300.0},
}


@setup_logging.connect
def use_django_logging(**_: object) -> None:
    from logging.config import dictConfig

    from django.conf import settings

    dictConfig(settings.LOGGING)
