"""`manage.py replay swedish-six`: choose a shipped model (when it is not in use yet) and work out its history."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lifecycle.models import LifecycleModel, StagePeriod
from lifecycle.presets import install, shipped
from lifecycle.replay import replay


class Command(BaseCommand):
    help = "Work out the stage history of every customer, exact to the day, from all facts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", help=f"A model in use, or one of: {', '.join(shipped())}.")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["model"]
        model = LifecycleModel.objects.filter(slug=slug).first()
        if model is None and slug not in shipped():
            known = ", ".join([*LifecycleModel.objects.values_list("slug", flat=True), *shipped()])
            raise CommandError(f"There is no model “{slug}”. Use one of: {known}.")
        model = model or install(slug, by=None)
        version = model.published()
        if version is None:
            raise CommandError(f"{model} has no published version. Publish its draft first.")
        started = time.monotonic()
        for _last in replay(version):
            pass
        periods = StagePeriod.objects.live().filter(model=model).count()
        self.stdout.write(f"{model}: {periods:,} stage periods in {time.monotonic() - started:.1f} s.")
