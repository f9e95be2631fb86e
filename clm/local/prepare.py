"""Before the first request: the tables, the administrator, and a job for the demo company.

A process of its own, so that the supervisor stays small and holds no connections.
"""

import os

import django
from django.core.management import call_command

from clm.local.administrator import administrator
from clm.local.places import Places


def prepare(places: Places) -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    _ensure_administrator(places)
    if os.environ.get("CLM_DEMO", "1") != "0":
        call_command("load_demo", once=True, later=True)


def _ensure_administrator(places: Places) -> None:
    from clm.accounts.models import User  # models load after django.setup()

    wanted = administrator(places)
    User.objects.ensure_administrator(email=wanted.email, password=wanted.password)


if __name__ == "__main__":
    prepare(Places.of_checkout())
