"""`manage.py remove_two_factor anna@example.com`: for the last administrator, whose phone is gone."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clm.accounts import two_factor
from clm.accounts.models import User


class Command(BaseCommand):
    help = "Let a user sign in with the password alone, until they set two-factor sign-in up again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            raise CommandError(f"There is no user {options['email']}.")
        removed = two_factor.remove(user, by=None)
        self.stdout.write(f"{user.email}: {'removed' if removed else 'there was none'}")
