"""Asking for the demo company, and asking it to leave."""

from datetime import timedelta
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clm.accounts.house import change_organisation
from clm.accounts.jobs import enqueue
from clm.accounts.models import AuditEntry, Job, Organisation, User
from clm.base import clock
from clm.base.days import day_of
from clm.demo import CUSTOMERS, SEED
from clm.demo.models import Demo, DemoState
from customers.models import Customer, Import
from lifecycle.models import LifecycleModel
from metrics.models import Spend

# What the demo sets, where nobody has chosen anything yet.
SETTINGS: dict[str, tuple[object, object]] = {
    "name": ("My company", "Bønne & Blad"),
    "zone": ("UTC", "Europe/Copenhagen"),
    "margin": (None, Decimal("0.5800")),
}


class CannotLoad(Exception):
    """Raised with the reason."""


def reason_against_loading() -> str:
    """Why the demo company can't be brought in; empty when it can."""
    if Demo.objects.exists():
        return _("The demo company is here already.")
    if is_in_use():
        return _("There is data of your own. The demo company comes to an empty CLM only.")
    if find_spec("faker") is None:
        return _("The package “faker” is missing. Install the extra “demo”.")
    return ""


def is_in_use() -> bool:
    return any(model._default_manager.exists() for model in (Customer, Import, Spend, LifecycleModel))


def was_ever_loaded() -> bool:
    return Job.objects.filter(kind="demo.load").exists()


@transaction.atomic
def request_load(*, by: User | None, size: int = CUSTOMERS, seed: int = SEED) -> Job:
    """Bring the demo company in, as a job. Raises CannotLoad."""
    organisation = Organisation.objects.current()
    Organisation.objects.select_for_update().get(pk=organisation.pk)  # one at a time
    if reason := reason_against_loading():
        raise CannotLoad(reason)
    was, became = _settle(organisation, by)
    organisation = Organisation.objects.current()
    demo = Demo(pk=1, seed=seed, size=size, was=was, became=became)
    demo.last_day = day_of(clock.now(), organisation.tz) - timedelta(days=1)
    job = enqueue("demo.load", title=gettext_noop("The demo company is being loaded"), owner=by)
    demo.job_id = job.pk
    demo.save(force_insert=True)
    AuditEntry.objects.record("demo.load_requested", organisation, by=by, customers=size, seed=seed)
    return job


def _settle(organisation: Organisation, by: User | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put the organisation's settings where nobody chose any. Returns what they were and what they became."""
    chosen = {
        name: wanted for name, (usual, wanted) in SETTINGS.items() if getattr(organisation, name) == usual
    }
    was = {name: getattr(organisation, name) for name in chosen}
    change_organisation(by, **chosen)
    return was, {name: str(value) for name, value in chosen.items()}


@transaction.atomic
def request_removal(*, by: User | None) -> Job | None:
    """Take the demo company out again, as a job; None when there is none, the job at work when it is being removed."""
    demo = Demo.objects.select_for_update().first()
    if demo is None:
        return None
    under_way = Job.objects.open().filter(pk=demo.job_id or 0).first()
    if under_way and demo.state == DemoState.REMOVING:
        return under_way
    if under_way:
        under_way.cancel(by=by)
    job = enqueue("demo.removal", title=gettext_noop("The demo company is being removed"), owner=by)
    demo.state, demo.job_id = DemoState.REMOVING, job.pk
    demo.save(update_fields=["state", "job_id"])
    AuditEntry.objects.record("demo.removal_requested", Organisation.objects.current(), by=by)
    return job
