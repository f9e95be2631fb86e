"""What reps did with a customer, for the timeline: notes, calls and meetings."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Case, F, QuerySet, When
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clm.base.templatetags.formats import date_local
from clm.base.timeline import Entry, Source, register
from customers.models import Customer, Interaction, Lead, Task
from customers.models.interaction import Direction, InteractionKind, Outcome

SHOWN = 50
ICONS = {
    InteractionKind.NOTE: "notebook-pen",
    InteractionKind.CALL: "phone",
    InteractionKind.MEETING: "users",
}
CALLS: dict[tuple[str, str], Promise] = {
    (Direction.OUT, Outcome.REACHED): gettext_lazy("Called the customer"),
    (Direction.OUT, Outcome.NO_ANSWER): gettext_lazy("Called, no answer"),
    (Direction.OUT, Outcome.LEFT_MESSAGE): gettext_lazy("Called, left a message"),
    (Direction.IN, Outcome.REACHED): gettext_lazy("The customer called"),
    (Direction.IN, Outcome.NO_ANSWER): gettext_lazy("The customer called, missed"),
    (Direction.IN, Outcome.LEFT_MESSAGE): gettext_lazy("The customer called, left a message"),
}
TITLES: dict[str, Promise] = {
    InteractionKind.NOTE: gettext_lazy("Note"),
    InteractionKind.MEETING: gettext_lazy("Met the customer"),
}


def title_of(done: Interaction) -> str:
    return str(TITLES.get(done.kind) or CALLS[done.direction, done.outcome])


def entry_of(done: Interaction) -> Entry:
    minutes = done.minutes or 0
    took = ngettext("%(number)s minute", "%(number)s minutes", minutes) % {"number": minutes}
    who = str(done.actor) if done.actor_id and done.actor else _("somebody")
    return Entry(
        f"interaction-{done.root}",
        done.occurred_at,
        title_of(done),
        ICONS[InteractionKind(done.kind)],
        " · ".join(filter(None, [who, took if minutes else ""])),
        text=done.text,
        writer=done.actor_id,
        root=done.root,
    )


def _read(rows: QuerySet[Interaction], most: int) -> list[Entry]:
    return [entry_of(done) for done in rows.select_related("actor").order_by("-occurred_at", "-pk")[:most]]


def _rows(customer: Customer, kind: str) -> QuerySet[Interaction]:
    rows = Interaction.objects.live().filter(customer=customer)
    return rows.filter(kind=kind) if kind else rows


def interactions(kind: str = "") -> Any:
    def entries(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
        rows = _rows(customer, kind)
        return _read(rows.filter(occurred_at__lt=before) if before else rows, most)

    return entries


def interactions_of_lead(lead: Lead) -> list[Entry]:
    """The last of them, the latest first."""
    return _read(Interaction.objects.live().filter(lead=lead), SHOWN)


def _moments(customer: Customer) -> Sequence[tuple[QuerySet[Any, Any], str]]:
    return [(_rows(customer, ""), "occurred_at")]


register(
    "customer",
    Source("interactions", gettext_lazy("Notes, calls and meetings"), interactions(), _moments),
)
for key, kind, label in (
    ("notes", InteractionKind.NOTE, gettext_lazy("Notes")),
    ("calls", InteractionKind.CALL, gettext_lazy("Calls")),
    ("meetings", InteractionKind.MEETING, gettext_lazy("Meetings")),
):
    register("customer", Source(key, label, interactions(kind), part_of="interactions"))


def tasks(customer: Customer, before: datetime | None, most: int) -> Sequence[Entry]:
    rows = Task.objects.filter(customer=customer).select_related("owner")
    if before is not None:
        rows = rows.filter(planned_at__lt=before)
    done = Case(When(done_at__lt=before, then="done_at"), default=None) if before else F("done_at")
    newest = rows.annotate(last=Coalesce(done, "planned_at")).order_by("-last", "-pk")[:most]
    entries = [entry for task in newest for entry in _both(task) if before is None or entry.at < before]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:most]


def _both(task: Task) -> Iterable[Entry]:
    if task.done_at:
        yield _done(task, task.done_at)
    yield _planned(task)


def _planned(task: Task) -> Entry:
    due = _("due on %(day)s") % {"day": date_local(task.due_on)}
    title = _("Dropped task: %(title)s") if task.dropped_at else _("Task: %(title)s")
    detail = " · ".join(filter(None, [str(task.owner or ""), due]))
    return Entry(f"task-{task.pk}", task.planned_at, title % {"title": task.title}, "list-todo", detail)


def _done(task: Task, at: datetime) -> Entry:
    title = _("Task done: %(title)s") % {"title": task.title}
    return Entry(f"task-{task.pk}-done", at, title, "check-check", str(task.owner or ""))


def _task_moments(customer: Customer) -> Sequence[tuple[QuerySet[Any, Any], str]]:
    rows = Task.objects.filter(customer=customer)
    return [(rows, "planned_at"), (rows, "done_at")]


register("customer", Source("tasks", gettext_lazy("Tasks"), tasks, _task_moments))
