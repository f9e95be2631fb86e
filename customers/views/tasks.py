"""Tasks: the lists, planning on the page of a customer or a lead, and one click to be done or put off."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.exports import also_as_file
from clm.accounts.views.signed_in import me
from clm.base import clock
from customers import bell, navigation, tasks_doing
from customers.models import Customer, Lead, Task
from customers.models.task import TaskQuerySet
from customers.taking_out import task_lines
from customers.tasks_doing import StaleTask, TaskClosed
from customers.tasks_forms import PutOffForm, TaskForm
from customers.tasks_listing import TaskListing
from customers.views.leads import visible_lead

CHANGED = "tasks-changed"


def _visible(request: HttpRequest, pk: int) -> Task:
    return get_object_or_404(Task.objects.visible_to(me(request)).for_list(), pk=pk)


def _is_part(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


@require_safe
@requires(Capability.EDIT_CUSTOMERS)
def bell_figure(request: HttpRequest) -> HttpResponse:
    """The bell with its figure, for a page that came without."""
    return render(request, "base/_bell.html", {"one": navigation.told(bell.waiting(me(request)))})


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
@also_as_file("tasks", lambda request: task_lines(TaskListing(request.GET, me(request))))
def tasks(request: HttpRequest) -> HttpResponse:
    user, listing = me(request), TaskListing(request.GET, me(request))
    context = {"listing": listing, "now": listing.now, "may_edit": may(user, Capability.EDIT_CUSTOMERS)}
    return render(request, "tasks/tasks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def customer_task_new(request: HttpRequest, pk: int) -> HttpResponse:
    seen = Customer.objects.visible_to(me(request)).select_related("company")
    customer = get_object_or_404(seen, pk=pk)
    if customer.merged_into_id and request.method != "POST":
        return redirect("customer-task-new", pk=customer.merged_into_id)
    if customer.merged_into_id:  # what was written while the two became one is kept
        customer = get_object_or_404(seen, pk=customer.merged_into_id)
    return _plan(request, customer)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def lead_task_new(request: HttpRequest, pk: int) -> HttpResponse:
    lead = visible_lead(me(request), pk)
    return _plan(request, lead.customer, lead)


def _plan(request: HttpRequest, customer: Customer, lead: Lead | None = None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = TaskForm(data, user=me(request), today=localdate(), lead=lead)
    context = {"form": form, "customer": customer, "lead": lead}
    if not form.is_valid():
        return _form(request, context, status=422 if form.is_bound else 200)
    token = str(form.cleaned_data["token"] or "")
    try:
        made = tasks_doing.plan(customer, by=me(request), values=form.values(), token=token)
    except ValidationError as refusal:
        form.take(refusal)
        return _form(request, context, status=422)
    return _after(request, made, _("The task is planned."))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Capability.EDIT_CUSTOMERS)
def task_edit(request: HttpRequest, pk: int) -> HttpResponse:
    edited = _visible(request, pk)
    data = request.POST if request.method == "POST" else None
    form = TaskForm(data, user=me(request), today=localdate(), task=edited)
    context = {"form": form, "customer": edited.customer, "lead": edited.lead, "task": edited}
    if not form.is_valid():
        return _form(request, context, status=422 if form.is_bound else 200)
    try:
        tasks_doing.change(edited, by=me(request), values=form.values(), expected=form.read_at())
    except StaleTask as stale:
        form.take_stale(stale.current)
        return _form(request, context, status=409)
    except TaskClosed as refusal:
        form.add_error(None, str(refusal))
        return _form(request, context, status=409)
    except ValidationError as refusal:
        form.take(refusal)
        return _form(request, context, status=422)
    return _after(request, edited, _("Saved."))


def _form(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    name = "_form" if _is_part(request) else "task_form"
    return render(request, f"tasks/{name}.html", context, status=status)


def _after(request: HttpRequest, task: Task, text: str) -> HttpResponse:
    if _is_part(request):
        told = {"toast": {"tone": "success", "text": text}, CHANGED: {}}
        return HttpResponse(headers={"HX-Trigger": json.dumps(told)})
    messages.success(request, text)
    return redirect("lead", pk=task.lead_id) if task.lead_id else redirect("customer", pk=task.customer_id)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def customer_tasks(request: HttpRequest, pk: int) -> HttpResponse:
    """The open tasks of a customer, for the page that asks for them anew; without htmx the list does."""
    customer = get_object_or_404(Customer.objects.visible_to(me(request)), pk=pk)
    return _open_ones(request, f"customer={pk}", Task.objects.filter(customer=customer))


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def lead_tasks(request: HttpRequest, pk: int) -> HttpResponse:
    lead = visible_lead(me(request), pk)
    return _open_ones(request, f"lead={pk}", Task.objects.filter(lead=lead))


def _open_ones(request: HttpRequest, which: str, rows: TaskQuerySet) -> HttpResponse:
    if not _is_part(request):
        return redirect(f"/tasks/?tab=all&{which}")
    context = {"tasks": rows.pressing(), "now": clock.now(), "every": request.path}
    context["may_edit"] = may(me(request), Capability.EDIT_CUSTOMERS)
    return render(request, "tasks/_tasks.html", context)


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def task_completion(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, tasks_doing.complete, pk, _("Done."))


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def task_removal(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, tasks_doing.drop, pk, _("Dropped."))


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def task_reopening(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(request, tasks_doing.reopen, pk, _("The task is open again."))


def _step(request: HttpRequest, verb: Any, pk: int, text: str) -> HttpResponse:
    task = _visible(request, pk)
    try:
        done = verb(task, by=me(request))
    except TaskClosed as refusal:
        return _row(request, task, str(refusal))
    return _row(request, done, text)


@require_POST
@requires(Capability.EDIT_CUSTOMERS)
def task_postponement(request: HttpRequest, pk: int) -> HttpResponse:
    """So many days on, from today at the earliest; or, to undo that, back to the day it had."""
    task, form = _visible(request, pk), PutOffForm(request.POST)
    if not form.is_valid() or not any(form.cleaned_data.values()):
        raise BadRequest(_("Say by how many days, or to which day."))
    days, back = form.cleaned_data["days"], form.cleaned_data["due_on"]
    was = task.due_on
    to = tasks_doing.due_in(task, days=days, today=localdate()) if days else back
    try:
        moved = tasks_doing.postpone(task, by=me(request), due_on=to)
    except TaskClosed as refusal:
        return _row(request, task, str(refusal))
    except ValidationError as refusal:  # a day beyond the calendar's end
        return _row(request, task, " ".join(refusal.messages))
    return _row(request, moved, _("Put off."), was=was if days else None)


def _row(request: HttpRequest, task: Task, text: str, **context: Any) -> HttpResponse:
    """The task as it is now, in its place, with a way back."""
    if not _is_part(request):
        messages.success(request, text)
        return redirect("tasks")
    told = {"task": _visible(request, task.pk), "now": clock.now(), "may_edit": True, "told": text}
    answer = render(request, "tasks/_task.html", told | context)
    answer.headers["HX-Trigger"] = "timeline-changed"
    return answer
