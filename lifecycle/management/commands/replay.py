"""`manage.py replay swedish-six`: choose a shipped model (when it is not in use yet) and work out its history."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clm.accounts.jobs import JobFailed, drive
from clm.accounts.models import Job
from clm.accounts.models.job import JobStatus
from lifecycle.models import LifecycleModel, StagePeriod
from lifecycle.presets import install, shipped
from lifecycle.replay import request_replay


class Command(BaseCommand):
    help = "Work out the stage history of every customer, exact to the day, from all facts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", help=f"A model in use, or one of: {', '.join(shipped())}.")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["model"]
        model = LifecycleModel.objects.filter(slug=slug).first()
        if model is None and slug not in shipped():
            known = ", ".join(sorted({*LifecycleModel.objects.values_list("slug", flat=True), *shipped()}))
            raise CommandError(f"There is no model “{slug}”. Use one of: {known}.")
        model = model or install(slug, by=None)
        started = time.monotonic()
        try:
            job = request_replay(model, by=None)
        except JobFailed as error:
            raise CommandError(str(error)) from error
        self._see_through(job)
        periods = StagePeriod.objects.live().filter(model=model).count()
        self.stdout.write(f"{model}: {periods:,} stage periods in {time.monotonic() - started:.1f} s.")

    def _see_through(self, job: Job) -> None:
        """Do the work here, or wait for the worker that was quicker to take it."""
        while job.is_open:
            if not drive(job):
                time.sleep(0.2 if job.is_open else 0)
            job.refresh_from_db()
        if job.status != JobStatus.DONE:
            raise CommandError(job.error or f"The replay was {job.get_status_display()}.")
