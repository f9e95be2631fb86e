"""What is to be done for a customer: planned, changed, done, put off. The verbs behind pages and API.

All raise ValidationError (by field), and TaskClosed where only an open task can be meant.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, Organisation, User
from clm.base import clock
from clm.base.days import end_of
from customers import bell
from customers.filter_sets import FIRST_DAY, LAST_DAY
from customers.models import Customer, Lead, Task
from customers.once import key_of
from customers.profiles import UNSTORABLE, refuse_erased

FIELDS = ("title", "due_on", "due_at", "owner", "lead", "remind_at")
LONGEST_TITLE = 200
Values = Mapping[str, Any]


class TaskClosed(ValueError):
    """The task is done or dropped; the message says what would be possible."""


class StaleTask(ValueError):
    """Somebody changed the task since it was read; `current` is what it is now."""

    def __init__(self, current: Task) -> None:
        self.current = current
        super().__init__()


@transaction.atomic
def plan(customer: Customer, *, by: User | None, values: Values, token: str = "") -> Task:
    """A new task; its planner's unless `owner` says otherwise. The same `token` and values again give the same task.

    `due_on` names a day, `due_at` an instant; today when neither is given. Of a customer merged away it is the winner's.
    """
    locked = Customer.objects.lock_present(customer.pk)
    refuse_erased(locked)
    key = key_of(token, by=by, about=["task", locked.pk], values=values) if token else None
    if key and (known := Task.objects.filter(key=key).first()):
        return known
    wanted = {"owner": by, "due_on": None, "due_at": None, **values}
    kept = _cleaned(locked, wanted)
    at = clock.now()
    task = Task.objects.create(
        customer=locked,
        original_customer=locked,
        planned_by=by,
        planned_at=at,
        changed_at=at,
        key=key,
        **kept,
    )
    AuditEntry.objects.record("task.planned", task, by=by, customer=locked.pk)
    return task


@transaction.atomic
def change(task: Task, *, by: User | None, values: Values, expected: datetime | None = None) -> Task:
    """Give fields other values. `expected` is the `changed_at` that was read; StaleTask tells who came too late."""
    locked = _lock(task)
    if expected is not None and locked.changed_at != expected:
        raise StaleTask(locked)
    _refuse_closed(locked)
    return _put(locked, _cleaned(locked.customer, values), "task.changed", by)


@transaction.atomic
def complete(task: Task, *, by: User | None) -> Task:
    """Done. Asked again it stays done as it was."""
    locked = _lock(task)
    if locked.done_at:
        return locked
    _refuse_closed(locked)
    return _put(locked, {"done_at": clock.now(), "closed_by": by}, "task.completed", by)


@transaction.atomic
def drop(task: Task, *, by: User | None) -> Task:
    """Not to be done after all."""
    locked = _lock(task)
    if locked.dropped_at:
        return locked
    _refuse_closed(locked)
    return _put(locked, {"dropped_at": clock.now(), "closed_by": by}, "task.dropped", by)


@transaction.atomic
def reopen(task: Task, *, by: User | None) -> Task:
    """To be done again, when it was; asked for an open one nothing changes."""
    locked = _lock(task)
    if locked.is_open:
        return locked
    return _put(locked, {"done_at": None, "dropped_at": None, "closed_by": None}, "task.reopened", by)


@transaction.atomic
def postpone(
    task: Task, *, by: User | None, due_on: date | None = None, due_at: datetime | None = None
) -> Task:
    """Put it off, or back, to a day (an appointed hour stays) or an instant; the reminder moves along."""
    locked = _lock(task)
    _refuse_closed(locked)
    zone = Organisation.objects.current().tz
    if due_on is not None and locked.has_time:
        due_at, due_on = datetime.combine(due_on, locked.due_at.astimezone(zone).time(), tzinfo=zone), None
    kept = _due({"due_on": due_on, "due_at": due_at})
    if locked.remind_at:
        kept["remind_at"] = locked.remind_at + (kept["due_at"] - locked.due_at)
    return _put(locked, kept, "task.postponed", by)


def due_in(task: Task, *, days: int, today: date) -> date:
    """The day so many days from today, or from its own when that is later."""
    return max(task.due_on, today) + timedelta(days=days)


@transaction.atomic
def remind_due(as_of: datetime) -> int:
    """Ring the bell of whom a reminder is due for. Idempotent. Returns how many tasks."""
    due = Task.objects.to_remind(as_of).order_by("pk").select_for_update(skip_locked=True)
    found = list(due.values_list("pk", "owner_id"))
    Task.objects.filter(pk__in=[pk for pk, _owner in found]).update(reminded_at=as_of)
    bell.changed({owner for _pk, owner in found if owner})
    return len(found)


def _lock(task: Task) -> Task:
    rows = Task.objects.select_for_update(of=("self",)).select_related("customer", "lead", "owner")
    return rows.get(pk=task.pk)


def _refuse_closed(task: Task) -> None:
    if task.done_at:
        raise TaskClosed(_("The task is done. Open it again first."))
    if task.dropped_at:
        raise TaskClosed(_("The task was dropped. Open it again first."))


def _put(task: Task, changes: dict[str, Any], action: str, by: User | None) -> Task:
    changes = {name: value for name, value in changes.items() if getattr(task, name) != value}
    if not changes:
        return task
    if "remind_at" in changes:
        changes["reminded_at"] = None
    bell.changed({task.owner_id})
    for name, value in (changes | {"changed_at": clock.now()}).items():
        setattr(task, name, value)
    task.save(update_fields=[*changes, "changed_at"])
    bell.changed({task.owner_id})
    AuditEntry.objects.record(action, task, by=by, customer=task.customer_id, fields=sorted(changes))
    return task


def _cleaned(customer: Customer, values: Values) -> dict[str, Any]:
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise ValidationError({name: _("There is no such field.") for name in unknown})
    kept: dict[str, Any] = {name: values[name] for name in ("owner", "lead", "remind_at") if name in values}
    if "title" in values:
        kept["title"] = _title(str(values["title"]))
    if {"due_on", "due_at"} & values.keys():
        kept |= _due(values)
    _refuse_strangers(customer, kept.get("owner"), kept.get("lead"))
    return kept


def _title(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise ValidationError({"title": _("Say what is to be done.")})
    if UNSTORABLE.search(text):
        raise ValidationError(
            {"title": _("The text contains a character that can't be kept. Type it again.")}
        )
    if len(text) > LONGEST_TITLE:
        raise ValidationError(
            {"title": _("The text has more than %(most)s characters.") % {"most": LONGEST_TITLE}}
        )
    return text


def _due(values: Values) -> dict[str, Any]:
    zone = Organisation.objects.current().tz
    on, at = values.get("due_on"), values.get("due_at")
    if on and at:
        raise ValidationError({"due_on": _("Give a day or an instant, not both.")})
    day = at.astimezone(zone).date() if at else on or clock.now().astimezone(zone).date()
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError({"due_at" if at else "due_on": _("Give a day between 1900 and 2999.")})
    return {"due_on": day, "due_at": at or end_of(day, zone), "has_time": at is not None}


def _refuse_strangers(customer: Customer, owner: User | None, lead: Lead | None) -> None:
    if lead is not None and not Lead.objects.filter(pk=lead.pk, customer=customer).exists():
        raise ValidationError({"lead": _("The lead is another customer's.")})
    if owner is not None:
        refuse_stranger(customer, owner)


def refuse_stranger(customer: Customer, owner: User) -> None:
    """Whoever is to do something for a customer sees them."""
    if not Customer.objects.visible_to(owner).filter(pk=customer.pk).exists():
        raise ValidationError(
            {"owner": _("%(user)s does not see this customer. Choose somebody who does.") % {"user": owner}}
        )


NINE = time(9)


def reminder(kind: str, *, due_on: date, due_at: datetime | None) -> datetime | None:
    """The instant that a choice of the form means: none, "hour" before, at nine on the "day", at nine the "eve"."""
    zone = Organisation.objects.current().tz
    if kind == "hour":
        return (due_at or datetime.combine(due_on, NINE, tzinfo=zone)) - timedelta(hours=1)
    days = {"day": 0, "eve": -1}.get(kind)
    return None if days is None else datetime.combine(due_on + timedelta(days=days), NINE, tzinfo=zone)
