"""`manage.py erasures > erasures.log`: a line for each erasure, to be kept beside the backups."""

from typing import Any

from django.core.management.base import BaseCommand

from customers.privacy.erasure_log import lines


class Command(BaseCommand):
    help = "Print a line for each erasure; none tells who it was."

    def handle(self, *args: Any, **options: Any) -> None:
        for line in lines():
            self.stdout.write(line)
