"""`manage.py repeat_erasures erasures.log`: after an old backup was restored."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customers.privacy.repeating import keys_in, repeat


class Command(BaseCommand):
    help = "Erase again whom a restored backup brought back, by the lines of `erasures` or of ERASURE_LOG."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", help="the file; - reads standard input")
        parser.add_argument("--dry-run", action="store_true", help="tell how many, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        keys = keys_in(_text(options["path"]).splitlines())
        if not keys:
            raise CommandError("The file holds no line of an erasure.")
        done = repeat(keys, do=not options["dry_run"])
        said = "would be erased" if options["dry_run"] else "erased"
        self.stdout.write(f"{len(done.erased)} customers {said}.")
        for pk in done.held_up:
            self.stderr.write(
                f"Customer {pk} is merged with others here who were not erased: undo the merge, and run this again."
            )
        if done.held_up:
            raise CommandError("Not all could be erased.")


def _text(path: str) -> str:
    if path == "-":
        return sys.stdin.read()
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from error
