"""What is to be done: planned, done, put off, reminded of; on pages and at the API."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from clm.accounts.models import ApiKey, AuditEntry, Organisation
from clm.accounts.models.api_key import Scope
from clm.base import clock
from clm.base.days import end_of
from customers import bell, tasks_doing
from customers.leads.converting import convert
from customers.leads.opening import open_lead
from customers.models import Customer, Interaction, Lead, Task
from customers.tasks import remind
from customers.tasks_doing import StaleTask, TaskClosed
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

DAY = date(2030, 7, 15)


@pytest.fixture
def ada(owner) -> Customer:
    return CustomerFactory(name="Ada Lovelace", owner=owner, team=owner.team)


@pytest.fixture
def lead(owner, ada) -> Lead:
    return open_lead(by=owner, customer=ada, values={"title": "Ten licences"})


@pytest.fixture
def task(owner, ada) -> Task:
    return tasks_doing.plan(ada, by=owner, values={"title": "Send the samples", "due_on": DAY})


def zone():
    return Organisation.objects.current().tz


def test_a_day_is_late_when_it_is_over_and_an_hour_when_it_has_come(owner, ada):
    some_day = tasks_doing.plan(ada, by=owner, values={"title": "Write", "due_on": DAY})
    at = datetime(2030, 7, 15, 9, 30, tzinfo=UTC)
    some_time = tasks_doing.plan(ada, by=owner, values={"title": "Call", "due_at": at})

    assert (some_day.due_at, some_day.has_time) == (end_of(DAY, zone()), False)
    assert (some_time.due_on, some_time.due_at, some_time.has_time) == (DAY, at, True)
    assert list(Task.objects.overdue(at)) == [some_time]
    assert list(Task.objects.overdue(end_of(DAY, zone())).order_by("pk")) == [some_day, some_time]


def test_a_task_is_its_planners_and_of_today_unless_it_says_otherwise(owner, ada):
    task = tasks_doing.plan(ada, by=owner, values={"title": " Call \n back "})

    assert (task.title, task.owner, task.due_on) == ("Call back", owner, localdate())
    assert AuditEntry.objects.get(action="task.planned").details == {"customer": ada.pk}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\x00"}, "title"),
        ({"title": "a", "due_on": DAY, "due_at": datetime(2030, 1, 1, tzinfo=UTC)}, "due_on"),
        ({"title": "a", "due_on": date(3000, 1, 1)}, "due_on"),
        ({"title": "a", "colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(owner, ada, values, field):
    with pytest.raises(ValidationError) as refusal:
        tasks_doing.plan(ada, by=owner, values=values)

    assert list(refusal.value.message_dict) == [field]
    assert not Task.objects.exists()


def test_nobody_is_given_a_task_for_a_customer_they_do_not_see(owner, stranger, teammate, ada):
    with pytest.raises(ValidationError, match="does not see"):
        tasks_doing.plan(ada, by=owner, values={"title": "Call", "owner": stranger})
    other = open_lead(by=owner, customer=CustomerFactory(), values={})
    with pytest.raises(ValidationError, match="another customer"):
        tasks_doing.plan(ada, by=owner, values={"title": "Call", "lead": other})

    assert not Task.objects.exists()
    assert tasks_doing.plan(ada, by=owner, values={"title": "Call", "owner": teammate}).owner == teammate


def test_done_put_off_and_dropped_each_have_a_way_back(owner, task):
    tasks_doing.complete(task, by=owner)
    again = tasks_doing.complete(task, by=owner)
    with pytest.raises(TaskClosed, match="done"):
        tasks_doing.postpone(task, by=owner, due_on=DAY)
    reopened = tasks_doing.reopen(task, by=owner)
    dropped = tasks_doing.drop(task, by=owner)
    with pytest.raises(TaskClosed, match="dropped"):
        tasks_doing.complete(task, by=owner)
    back = tasks_doing.reopen(task, by=owner)

    assert (again.closed_by, reopened.done_at, dropped.is_open, back.is_open) == (owner, None, False, True)
    actions = AuditEntry.objects.filter(subject_type="customers.task").order_by("pk")
    assert [entry.action for entry in actions] == [
        "task.planned", "task.completed", "task.reopened", "task.dropped", "task.reopened"
    ]  # fmt: skip


def test_put_off_it_keeps_its_hour_and_the_reminder_moves_along(owner, ada):
    at = datetime(2030, 7, 15, 9, 30, tzinfo=zone())
    task = tasks_doing.plan(
        ada, by=owner, values={"title": "Call", "due_at": at, "remind_at": at - timedelta(hours=1)}
    )

    moved = tasks_doing.postpone(task, by=owner, due_on=date(2030, 7, 22))

    assert moved.due_at == datetime(2030, 7, 22, 9, 30, tzinfo=zone())
    assert moved.remind_at == datetime(2030, 7, 22, 8, 30, tzinfo=zone())


def test_an_edit_that_comes_too_late_is_told_what_is_there(owner, task):
    tasks_doing.change(task, by=owner, values={"title": "Send two samples"})

    with pytest.raises(StaleTask) as stale:
        tasks_doing.change(task, by=owner, values={"title": "Send three"}, expected=task.changed_at)

    assert stale.value.current.title == Task.objects.get().title == "Send two samples"


def test_the_bell_rings_once_for_what_is_due_and_stops_when_it_is_done(
    owner, ada, django_capture_on_commit_callbacks
):
    now = clock.now()
    plan = {"title": "Call", "due_at": now + timedelta(hours=1)}
    soon = tasks_doing.plan(ada, by=owner, values=plan | {"remind_at": now - timedelta(minutes=1)})
    tasks_doing.plan(ada, by=owner, values=plan | {"remind_at": now + timedelta(hours=2)})
    tasks_doing.plan(ada, by=owner, values=plan)
    assert bell.known(owner) is None
    before = bell.waiting(owner)

    with django_capture_on_commit_callbacks(execute=True):
        rung = [remind(), remind()]
    after = bell.waiting(owner)
    with django_capture_on_commit_callbacks(execute=True):
        tasks_doing.complete(soon, by=owner)

    assert (before, rung, after, bell.waiting(owner)) == (0, [1, 0], 1, 0)


def test_a_lead_that_is_won_for_another_customer_takes_its_tasks_and_talks_along(owner, ada, lead):
    from customers import interactions

    other = CustomerFactory(name="Ada King", owner=owner)
    tasks_doing.plan(ada, by=owner, values={"title": "Call", "lead": lead})
    interactions.note(ada, by=owner, text="Said", lead=lead)

    convert(lead, by=owner, into=other)

    assert Task.objects.get().customer == other
    assert Interaction.objects.live().get().customer == other


def test_the_pages_plan_change_do_and_put_off(sign_in, owner, ada, lead):
    client, today = sign_in(owner), localdate()
    given = {
        "title": "Call",
        "due_on": "2030-07-15",
        "due_time": "09:30",
        "remind": "hour",
        "owner": owner.pk,
    }

    refused = client.post(f"/customers/{ada.pk}/tasks/new/", given | {"due_time": ""})
    made = client.post(f"/leads/{lead.pk}/tasks/new/", given)
    task = Task.objects.get()
    changed = client.post(
        f"/tasks/{task.pk}/edit/", given | {"title": "Ring", "due_time": "", "remind": "eve"}
    )
    client.post(f"/tasks/{task.pk}/postponement/", {"days": "7"})
    task.refresh_from_db()

    assert [one.status_code for one in (refused, made, changed)] == [422, 302, 302]
    assert (task.lead, task.title, task.due_on, task.has_time) == (lead, "Ring", date(2030, 7, 22), False)
    assert task.remind_at == datetime(2030, 7, 21, 9, tzinfo=zone())
    assert client.post(f"/tasks/{task.pk}/postponement/", {}).status_code == 400
    client.post(f"/tasks/{task.pk}/completion/")
    assert client.post(f"/tasks/{task.pk}/edit/", given).status_code == 409
    assert not Task.objects.open().exists()
    late = tasks_doing.plan(ada, by=owner, values={"title": "Late", "due_on": date(2020, 1, 1)})
    row = client.post(f"/tasks/{late.pk}/postponement/", {"days": "1"}, headers={"HX-Request": "true"})
    late.refresh_from_db()
    assert late.due_on == today + timedelta(days=1)
    assert 'value="2020-01-01"' in row.content.decode()


def test_beyond_the_end_of_the_calendar_nothing_is_put_off(sign_in, owner, ada):
    task = tasks_doing.plan(ada, by=owner, values={"title": "Far", "due_on": date(2999, 12, 1)})

    row = sign_in(owner).post(
        f"/tasks/{task.pk}/postponement/", {"days": "365"}, headers={"HX-Request": "true"}
    )

    assert (row.status_code, Task.objects.get().due_on) == (200, date(2999, 12, 1))


def test_the_lists_hold_whose_they_are(sign_in, owner, teammate, stranger, ada):
    past = date(2020, 1, 1)
    plans = [
        (owner, "Mine", DAY),
        (owner, "Late", past),
        (teammate, "Tom's", past),
        (owner, "Finished", past),
    ]
    tasks = [
        tasks_doing.plan(ada, by=owner, values={"title": title, "owner": person, "due_on": day})
        for person, title, day in plans
    ]
    tasks_doing.complete(tasks[3], by=owner)
    theirs = CustomerFactory(owner=stranger)
    tasks_doing.plan(theirs, by=stranger, values={"title": "Stig's"})

    def titles(query: str) -> list[str]:
        return [task.title for task in sign_in(owner).get(f"/tasks/{query}").context["listing"].page.rows]

    assert titles("") == ["Late", "Mine"]
    assert titles("?tab=overdue") == ["Late"]
    assert titles("?tab=team") == titles("?tab=all") == ["Late", "Tom's", "Mine"]
    assert titles("?tab=done") == ["Finished"]
    assert titles("?tab=reminded") == []
    assert titles(f"?tab=all&owner={teammate.pk}") == ["Tom's"]
    assert titles("?tab=all&q=lat") == ["Late"]


def test_a_stranger_finds_no_task_of_mine(sign_in, owner, stranger, task):
    client = sign_in(stranger)

    answers = [client.post(f"/tasks/{task.pk}/{step}/", {"days": "1"}).status_code
               for step in ("edit", "completion", "reopening", "removal", "postponement")]  # fmt: skip

    assert answers == [404] * 5
    assert Task.objects.open().get().due_on == DAY


def test_my_day_and_the_timeline_show_them(sign_in, owner, ada):
    task = tasks_doing.plan(ada, by=owner, values={"title": "Send the samples"})
    client = sign_in(owner)

    home = client.get("/").content.decode()
    tasks_doing.complete(task, by=owner)
    told = client.get(f"/customers/{ada.pk}/timeline/?only=tasks").context["stretch"].entries

    assert "Send the samples" in home
    assert [entry.title for entry in told] == ["Task done: Send the samples", "Task: Send the samples"]


def test_the_pages_ask_no_more_for_many_than_for_few(sign_in, owner, ada, lead):
    client = sign_in(owner)
    plan = {"title": "Call", "lead": lead}
    tasks_doing.plan(ada, by=owner, values=plan)
    addresses = ["/", "/tasks/", "/tasks/?tab=all", f"/customers/{ada.pk}/", f"/leads/{lead.pk}/",
                 f"/customers/{ada.pk}/tasks/new/"]  # fmt: skip
    few = {address: _asked(client, address) for address in addresses}

    for _number in range(30):
        tasks_doing.plan(ada, by=owner, values=plan)

    many = {address: _asked(client, address) for address in addresses}
    assert all(many[address] <= few[address] <= 12 for address in addresses), (few, many)


def _asked(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_api_plans_changes_does_and_puts_off(client, owner, ada, lead):
    token = ApiKey.objects.issue(name="Desk", scope=Scope.WRITE, owner=owner, by=owner)[1]

    def call(method: str, path: str, body=None, **headers: str):
        given = {
            "content_type": "application/json",
            "headers": {"Authorization": f"Bearer {token}", **headers},
        }
        return getattr(client, method)(f"/api/v1/{path}", body or {}, **given)

    made = call("post", "tasks/", {"lead": lead.pk, "title": "Call", "due_on": "2030-07-15"})
    address = made.headers["Location"].removeprefix("/api/v1/")
    tag = {"If-Match": made.headers["ETag"]}
    changed = call("patch", address, {"title": "Ring"}, **tag)
    stale = call("patch", address, {"title": "Rung"}, **tag)
    moved = call("post", f"{address}postponement/", {"due_on": "2030-07-22"})
    done = call("post", f"{address}completion/")
    refused = [call("post", f"{address}postponement/", {"due_on": "2030-07-22"}), call("delete", address),
               call("post", "tasks/", {"title": "x"}), call("post", "tasks/", {"customer": ada.pk}),
               call("post", f"{address}postponement/")]  # fmt: skip
    listed = call("get", f"tasks/?state=done&customer={ada.pk}").json()["results"]
    reopened = call("delete", f"{address}completion/")
    dropped = call("delete", address)

    assert [one.status_code for one in (made, changed, stale, moved, done)] == [201, 200, 412, 200, 200]
    assert [one.status_code for one in refused] == [409, 409, 400, 400, 400]
    assert [(one["title"], one["due_on"]) for one in listed] == [("Ring", "2030-07-22")]
    assert (reopened.json()["done_at"], dropped.status_code) == (None, 204)
    assert Task.objects.get().dropped_at is not None
