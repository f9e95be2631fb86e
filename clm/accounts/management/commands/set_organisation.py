"""`manage.py set_organisation --currency USD --zone UTC`: what the organisation's page sets, from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from clm.accounts.house import CurrencyInUse, change_organisation
from clm.accounts.models import Organisation

FIELDS = ("name", "zone", "currency", "margin", "inactive_after_days", "administrators_need_two_factor")


class Command(BaseCommand):
    help = "Set the organisation's name, time zone, reporting currency, margin, days until inactive, or (1 or 0) two-factor sign-in of administrators."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for field in FIELDS:
            parser.add_argument(f"--{field.replace('_', '-')}", dest=field)

    def handle(self, *args: Any, **options: Any) -> None:
        given = {field: options[field] for field in FIELDS if options[field] is not None}
        try:
            self._change(given)
        except (ValidationError, CurrencyInUse) as error:
            raise CommandError("; ".join(getattr(error, "messages", [str(error)]))) from error
        organisation = Organisation.objects.current()
        self.stdout.write(", ".join(f"{field} {getattr(organisation, field)}" for field in FIELDS))

    def _change(self, given: dict[str, str]) -> None:
        organisation = Organisation.objects.current()
        fields = {field.name: field for field in organisation._meta.fields}
        cleaned = {name: fields[name].clean(text, organisation) for name, text in given.items()}
        change_organisation(by=None, **cleaned)
