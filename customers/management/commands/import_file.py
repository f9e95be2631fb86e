"""`manage.py import_file orders orders.csv --source shop --map amount=total`: the importer of the pages, from a shell."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clm.accounts.jobs import drive
from clm.accounts.models import Job, User
from customers.importing.bringing import bring, suggest_options
from customers.importing.encodings import ENCODINGS, UnusableFile
from customers.importing.mapping import NoSuchColumn, placed, suggest
from customers.importing.running import check
from customers.importing.setup import file_of, known_separators, missing, setup_of, shape_of
from customers.importing.shape import read_columns
from customers.importing.starting import CannotImport, start
from customers.importing.unpacking import forget, unpack
from customers.intake import conversion
from customers.intake.batch import Mode
from customers.intake.dates import DateFormat
from customers.intake.kinds import UnknownKind, kind_named
from customers.intake.parsing import WHO
from customers.models import Import

PIECE = 1 << 20


class Command(BaseCommand):
    help = "Import customers, orders, order lines, refunds, events, touches, consents, spend or exchange rates from a text file or an Excel workbook."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "kind", help="customers, orders, order_lines, refunds, events, touches, consents, spend or rates"
        )
        parser.add_argument("path", type=Path)
        parser.add_argument(
            "--source", required=True, help="the system that the file comes from, such as shop"
        )
        parser.add_argument(
            "--map", nargs="+", default=[], metavar="FIELD=COLUMN", help="column by name or number (from 1)"
        )
        parser.add_argument("--currency", default="", help="of amounts without a currency of their own")
        parser.add_argument(
            "--zone", default="", help="IANA zone of times without one; else the organisation's"
        )
        parser.add_argument(
            "--country", default="", help="of phone numbers without a country code, such as DK"
        )
        parser.add_argument("--date-format", choices=DateFormat.values, default="")
        parser.add_argument("--decimal-mark", choices=[".", ","], default="")
        parser.add_argument("--encoding", choices=ENCODINGS, default="")
        parser.add_argument("--separator", choices=known_separators(), default="")
        parser.add_argument("--sheet", default="", help="of a workbook: its name, or its number from 1")
        parser.add_argument("--no-header", action="store_true")
        parser.add_argument(
            "--mode", choices=Mode.values, default="", help="of customers, companies, products, leads"
        )
        parser.add_argument(
            "--match", choices=WHO, default="", help="the one field by which customers are found"
        )
        parser.add_argument("--by", default="", help="e-mail address of the user in whose name it happens")
        parser.add_argument("--dry-run", action="store_true", help="tell what would change, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = self._drafted(options)
            self._describe(run)
            if options["dry_run"]:
                self._tell(check(run, most=10**9).counts)
                forget(file_of(run))
                run.delete()
                return
            self._finish(start(run, by=run.created_by), run)
        except (UnusableFile, CannotImport, NoSuchColumn, UnknownKind) as error:
            raise CommandError(str(error)) from None

    def _drafted(self, options: dict[str, Any]) -> Import:
        path: Path = options["path"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        by = self._user(options["by"])
        run = bring(_pieces(path), file_name=path.name, kind=options["kind"], source=options["source"], by=by)
        self._read_as(run, options)
        names = ("currency", "zone", "country", "date_format", "decimal_mark", "mode", "match")
        wished = {name: options[name] for name in names}
        run.options |= {name: value for name, value in wished.items() if value}
        run.save()
        if said := missing(setup_of(run)):
            raise CommandError("\n".join(said))
        return run

    def _user(self, address: str) -> User | None:
        if not address:
            return None
        user = User.objects.filter(email=address.lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"There is no user {address}.")
        return user

    def _read_as(self, run: Import, options: dict[str, Any]) -> None:
        if options["sheet"]:
            self._choose_sheet(run, options["sheet"])
        run.encoding = options["encoding"] or run.encoding
        run.options["encoding_confirmed"] = bool(options["encoding"])
        run.separator = options["separator"] or run.separator
        run.has_header = run.has_header and not options["no_header"]
        columns = read_columns(file_of(run), shape_of(run))
        suggested = suggest(kind_named(run.kind), columns) if run.has_header else {}
        wished = dict(pair.split("=", 1) if "=" in pair else (pair, "") for pair in options["map"])
        run.mapping = suggested | placed(kind_named(run.kind), columns, wished)
        run.options.pop("date_format", None)  # of columns that may not be mapped any more
        suggest_options(run, file_of(run))

    def _choose_sheet(self, run: Import, wished: str) -> None:
        sheets: list[str] = run.options.get("sheets", [])
        number = int(wished) - 1 if wished.isdigit() else -1
        place = sheets.index(wished) if wished in sheets else number
        if not 0 <= place < len(sheets):
            raise CommandError(f"There is no sheet “{wished}”. The file has: {', '.join(sheets) or 'none'}.")
        shape = unpack(file_of(run), place).shape
        run.has_header = shape.has_header
        run.options |= {"sheet": place, "lines": shape.lines}

    def _describe(self, run: Import) -> None:
        columns = setup_of(run).columns
        self.stdout.write(f"{run.file_name}: {_how(run)}, {len(columns)} columns")
        for name, place in run.mapping.items():
            self.stdout.write(f"  {name} = {columns[place]}")

    def _finish(self, job: Job, run: Import) -> None:
        while drive(job, seconds=3600):
            pass
        job.refresh_from_db()
        while job.is_open:  # a worker was quicker than we
            time.sleep(1)
            job.refresh_from_db()
        run.refresh_from_db()
        if job.error:
            raise CommandError(job.error)
        self._convert(run)
        self._tell(run.counts)
        for problem in run.problems.all()[:20]:
            self.stdout.write(f"  line {problem.line}: {problem.column} {problem.reason}")

    def _convert(self, run: Import) -> None:
        """Here and now: who imports from a shell may have no worker."""
        for job in Job.objects.open().filter(kind=conversion.JOB_KIND) if run.kind == "rates" else ():
            while drive(job, seconds=3600):
                pass

    def _tell(self, counts: dict[str, int]) -> None:
        self.stdout.write(", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items()))


def _how(run: Import) -> str:
    if sheets := run.options.get("sheets"):
        return f"sheet “{sheets[run.options['sheet']]}”"
    return f"{run.encoding}, separated by {run.separator}"


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
