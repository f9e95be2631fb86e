"""Asking for the demo company, and asking it to leave."""

from datetime import timedelta
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clm.accounts.house import change_organisation
from clm.accounts.jobs import enqueue
from clm.accounts.models import AuditEntry, Job, Organisation, User
from clm.base import clock
from clm.base.days import day_of
from clm.demo import CUSTOMERS, SEED
from clm.demo.models import IDLE, Demo, DemoState
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
    demo = Demo.objects.select_related("job").first()
    if demo:
        goes_on = demo.state == DemoState.LOADING and demo.has_stopped
        return "" if goes_on else _("The demo company is here already.")
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
    """Bring the demo company in, as a job; go on with one that stopped half-way. Raises CannotLoad."""
    organisation = Organisation.objects.current()
    Organisation.objects.select_for_update().get(pk=organisation.pk)  # one at a time
    if reason := reason_against_loading():
        raise CannotLoad(reason)
    demo = Demo.objects.select_related("job").first() or _settled(organisation, by, size, seed)
    job = enqueue("demo.load", title=gettext_noop("The demo company is being loaded"), owner=by)
    if demo.job:
        job.cursor, job.done = demo.job.cursor, demo.job.done
        job.save(update_fields=["cursor", "done"])
    demo.job = job
    demo.save(update_fields=["job"])
    transaction.on_commit(lambda: cache.delete(IDLE))
    AuditEntry.objects.record("demo.load_requested", organisation, by=by, customers=demo.size, seed=demo.seed)
    return job


def _settled(organisation: Organisation, by: User | None, size: int, seed: int) -> Demo:
    """Put the organisation's settings where nobody chose any, and keep what they were."""
    chosen: dict[str, Any] = {
        name: wanted for name, (usual, wanted) in SETTINGS.items() if getattr(organisation, name) == usual
    }
    was: dict[str, Any] = {name: getattr(organisation, name) for name in chosen}
    became = {name: str(value) for name, value in chosen.items()}
    zone = change_organisation(by, **chosen).tz
    last = day_of(clock.now(), zone) - timedelta(days=1)
    return Demo.objects.create(pk=1, seed=seed, size=size, last_day=last, was=was, became=became)


@transaction.atomic
def request_removal(*, by: User | None) -> Job | None:
    """Take the demo company out again, as a job; None when there is none, the job at work when it is being removed."""
    demo = Demo.objects.select_for_update().first()
    if demo is None:
        return None
    if demo.job and demo.job.is_open:
        if demo.state == DemoState.REMOVING:
            return demo.job
        demo.job.cancel(by=by)
    job = enqueue("demo.removal", title=gettext_noop("The demo company is being removed"), owner=by)
    demo.state, demo.job = DemoState.REMOVING, job
    demo.save(update_fields=["state", "job"])
    transaction.on_commit(lambda: cache.delete(IDLE))
    AuditEntry.objects.record("demo.removal_requested", Organisation.objects.current(), by=by)
    return job
