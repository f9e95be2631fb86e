"""`manage.py load_demo`: a made-up company to try CLM with, into an empty CLM."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clm.accounts.jobs import drive
from clm.accounts.models.job import JobStatus
from clm.demo import CUSTOMERS, SEED
from clm.demo.requesting import CannotLoad, request_load, was_ever_loaded


class Command(BaseCommand):
    help = "Load the demo company: five countries, two years, and stages for everybody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", type=int, default=CUSTOMERS, help="How many customers.")
        parser.add_argument("--seed", type=int, default=SEED, help="Another number makes another company.")
        parser.add_argument("--once", action="store_true", help="Not when it was here before.")
        parser.add_argument("--later", action="store_true", help="Leave the work to the worker.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"] and was_ever_loaded():
            return
        try:
            job = request_load(by=None, size=options["size"], seed=options["seed"])
        except CannotLoad as error:
            if options["once"]:
                return
            raise CommandError(str(error)) from error
        if options["later"]:
            return
        started = time.monotonic()
        while drive(job):
            job.refresh_from_db()
        job.refresh_from_db()
        if job.status != JobStatus.DONE:
            raise CommandError(job.error or f"The job is {job.get_status_display()}.")
        self.stdout.write(f"{options['size']:,} customers in {time.monotonic() - started:.1f} s.")
