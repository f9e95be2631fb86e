"""What goes by itself once it is old enough, and what never does."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Func, TextField, Value

from campaigns.models import Message, Response
from clm.accounts.keeping import lengths as keeping
from clm.accounts.keeping import purging
from clm.accounts.keeping.lengths import NAMES, going, keep_for, lengths
from clm.accounts.models import AuditEntry, Job, Organisation
from clm.accounts.stale import Read
from clm.base import clock, inventory, kept
from customers.models import Customer, Import, ImportProblem, Interaction, Lead, Task, Ticket
from customers.privacy import idle
from customers.privacy.erasing import erase
from customers.privacy.repeating import keys_in, repeat
from lifecycle.models import StagePeriod
from tests.api.conftest import api
from tests.customers.test_privacy import numbers, person
from tests.factories import CustomerFactory, EventFactory, bought
from tests.lifecycle.shop import work_off

__all__ = ["api", "person"]
pytestmark = pytest.mark.django_db
SLOW = Func(Value(0.05), function="pg_sleep", output_field=TextField())


def night_in(days: int) -> Job:
    """As the night after so many days would run it."""
    job = purging.begin()
    Job.objects.filter(pk=job.pk).update(created_at=clock.now() + timedelta(days=days))
    work_off()
    job.refresh_from_db()
    return job


def left_behind(marketer: Any) -> Path:
    path = Path(settings.MEDIA_ROOT) / "imports" / "left.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("name\nZyxkanari\n")
    run = Import.objects.create(kind="customers", source="shop", file_name="left.csv", path="imports/left.csv", created_by=marketer)  # fmt: skip
    ImportProblem.objects.create(run=run, line=2, reason="No e-mail address.", raw="Zyxkanari")
    return path


def test_old_texts_addresses_and_files_go_in_portions_and_no_number_or_stage_changes(
    person, administrator, marketer, django_capture_on_commit_callbacks
):
    Interaction.objects.create(customer=person, original_customer=person, kind="note", text="Zyxkanari rang", key="n",
                               source="by-hand", occurred_at=clock.now(), actor=marketer)  # fmt: skip
    path, now = left_behind(marketer), clock.now()
    Message.objects.update(state="cancelled", reason="person", settled_at=now)
    Job.objects.update(finished_at=now)
    wanted = {"audit": 90, "notes": 365, "comments": 365, "enquiries": 365}
    keep_for(wanted, bookkeeping_years=7, by=administrator)
    before, stays = numbers(person), list(StagePeriod.objects.order_by("pk").values())

    early = night_in(1)
    with django_capture_on_commit_callbacks(execute=True):
        night = night_in(400)

    assert early.result == {"gone": {}}
    assert night.result["gone"].items() >= {"messages": 1, "notes": 1, "comments": 1, "import-rows": 2, "import-files": 1, "enquiries": 1}.items()  # fmt: skip
    assert (night.done, night.total) == (sum(night.result["gone"].values()),) * 2
    assert [*Message.objects.values_list("address", "words")] == [("", "")]
    assert set(Response.objects.values_list("text", flat=True)) == {""}
    assert [one.text for one in Interaction.objects.filter(kind="note", key="n")] == ["–"]
    assert [one.enquiry for one in Lead.objects.all()] == [{}]
    assert (ImportProblem.objects.count(), path.exists()) == (0, False)
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["data.purged"]
    assert (numbers(person), list(StagePeriod.objects.order_by("pk").values())) == (before, stays)
    again = night_in(400)
    assert set(again.result["gone"]) <= {"jobs", "audit"}


def test_a_night_that_is_killed_goes_on_and_no_two_run_at_once(person, administrator, monkeypatch):
    def killed(job: Job) -> None:
        steps = purging.purge_job(job)
        job.claim()
        for _ in range(3):
            progress = next(steps)
            job.advance(done=progress.done, total=progress.total, cursor=progress.cursor)
        job.release()

    entries = AuditEntry.objects.count()
    part = kept.Part(lambda _before: AuditEntry.objects.exclude(action="data.purged"), kept.delete)
    monkeypatch.setitem(kept._kept, "audit", kept.Kept("audit", "", "", [part], usual=1, portion=2))
    job = purging.begin()

    killed(job)
    assert (job.cursor["gone"], AuditEntry.objects.count()) == ({"audit": 4}, entries - 4)
    assert purging.begin() == job
    work_off()

    job.refresh_from_db()
    assert (job.status, job.result["gone"]["audit"]) == ("done", entries)
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["data.purged"]


def test_who_was_not_heard_of_for_long_is_erased_and_who_ordered_or_is_worked_on_is_not(
    administrator, marketer, monkeypatch
):
    now = clock.now()
    known = dict.fromkeys(("first_seen_at", "created_at"), now - timedelta(days=1200))
    silent, new, active, ordered, busy = (CustomerFactory(email=f"{n}@example.com", **known) for n in "abcde")
    Customer.objects.filter(pk=new.pk).update(created_at=now)
    EventFactory(customer=silent, occurred_at=now - timedelta(days=900))
    EventFactory(customer=active, occurred_at=now - timedelta(days=100))
    bought(ordered, 10, at=now - timedelta(days=1100))
    Task.objects.create(
        customer=busy, original_customer=busy, title="Call", owner=marketer, due_on=now.date(), due_at=now
    )
    bound = now - timedelta(days=700)

    assert list(idle.idle_customers(bound)) == [silent]
    Organisation.objects.update(bookkeeping_years=2)
    assert set(idle.idle_customers(bound)) == {silent, ordered}
    assert "idle-customers" not in going(lengths(Organisation.objects.current()))
    keep_for({"idle-customers": 24}, by=administrator)
    assert going(lengths(Organisation.objects.current()))["idle-customers"].number == 2
    job = night_in(0)

    assert job.result["gone"] == {"idle-customers": 2}
    assert set(Customer.objects.filter(erased_at=None)) == {new, active, busy}
    idle.forget(Customer.objects.filter(pk=active.pk) & idle.idle_customers(bound))
    active.refresh_from_db()
    assert active.erased_at is None


def test_who_can_not_be_erased_keeps_nobody_after_them_waiting(administrator, monkeypatch):
    long_ago = clock.now() - timedelta(days=1200)
    stuck, back, _silent = (CustomerFactory(first_seen_at=long_ago, created_at=long_ago) for _ in range(3))
    erase_as_ever, forget = idle.erase, idle.forget

    def erase_or_not(customer: Customer, *, by: Any) -> None:
        if customer == stuck:
            raise ValueError(customer.name)
        erase_as_ever(customer, by=by)

    def forget_later(rows: Any) -> int:
        if back in rows:
            Customer.objects.filter(pk=back.pk).update(created_at=clock.now())
        return forget(rows)

    monkeypatch.setattr(idle, "erase", erase_or_not)
    offered = kept._kept["idle-customers"]
    monkeypatch.setitem(kept._kept, "idle-customers", replace(offered, parts=[kept.Part(idle.idle_customers, forget_later)]))  # fmt: skip
    keep_for({"idle-customers": 24}, by=administrator)
    job = night_in(0)

    failure = {"name": "idle-customers", "first": stuck.pk, "last": stuck.pk, "reason": "ValueError"}
    assert (job.status, job.result) == ("done", {"gone": {"idle-customers": 1}, "failed": [failure]})
    assert set(Customer.objects.filter(erased_at=None)) == {stuck, back}


def test_whoever_waits_for_an_answer_is_never_forgotten(marketer):
    now = clock.now()
    known = dict.fromkeys(("first_seen_at", "created_at"), now - timedelta(days=1200))
    asking, answered = (CustomerFactory(email=f"{n}@example.com", **known) for n in "ab")
    long_ago = {"source": "shop", "opened_at": now - timedelta(days=900)}
    for one, over in ((asking, {"status": "waiting", "paused_since": now}), (answered, {"status": "solved", "solved_at": now, "paused_since": now})):  # fmt: skip
        Ticket.objects.create(customer=one, original_customer=one, subject="Pump", key=one.email, **long_ago, **over)  # fmt: skip

    assert list(idle.idle_customers(now - timedelta(days=700))) == [answered]


def test_every_table_of_open_work_protects_whom_it_tells_of():
    no_work = {"customers.Twins", "customers.SegmentMember"}
    queries = {table.model._meta.label: type(table.model._default_manager.all()) for table in inventory.tables()}  # fmt: skip
    can_be_open = {label for label, query in queries.items() if hasattr(query, "open")}

    assert can_be_open - no_work == {table.model._meta.label for table in inventory.tables() if table.open_when}  # fmt: skip
    assert can_be_open > {"customers.Lead", "customers.Task", "customers.Ticket"}


def test_an_administrator_sets_how_long_on_the_page_and_over_the_api(
    person, sign_in, administrator, marketer, api, django_assert_max_num_queries, monkeypatch
):
    client = sign_in(administrator)
    client.get("/settings/retention/")
    with django_assert_max_num_queries(12):
        page = client.get("/settings/retention/").content.decode()
    assert page.count("kept for ever") == 4
    shown = Read.of(Organisation.objects.current(), NAMES).mark
    given = {"expected": shown, "audit": "365", "jobs": "30", "import-rows": "1", "messages": "10", "bookkeeping_years": "7"}  # fmt: skip

    tried = client.get("/settings/retention/", given).content.decode()
    assert "nothing is saved yet" in tried
    assert Organisation.objects.current().kept_for == {}
    wrong = client.post("/settings/retention/", given | {"audit": "5"})
    saved = client.post("/settings/retention/", given)
    stale = client.post("/settings/retention/", given | {"expected": "older"}, follow=True)

    assert (wrong.status_code, saved.status_code) == (422, 302)
    assert "Somebody changed this" in stale.content.decode()
    assert Organisation.objects.current().kept_for == {"audit": 365, "jobs": 30, "import-rows": 1, "messages": 10, "import-files": None}  # fmt: skip
    entry = AuditEntry.objects.filter(action="retention.changed").latest("pk")
    assert (entry.details["before"]["audit"], entry.details["after"]["audit"]) == (730, 365)
    assert sign_in(marketer).get("/settings/retention/").status_code == 403

    caller = api(administrator)
    read, counted = caller.get("/api/v1/retention/"), caller.get("/api/v1/retention/?count=1").json()
    assert {one["would_go"] for one in read.json()["kept"]} == {None}
    assert {one["would_go"] is None for one in counted["kept"] if one["kept_for"]} == {False}
    monkeypatch.setattr(keeping, "PATIENCE_MS", 1)
    monkeypatch.setattr(keeping, "RowsUpTo", lambda *_: SLOW)
    assert "Counting takes too long" in client.get("/settings/retention/", given).content.decode()
    named = {one["name"]: one for one in read.json()["kept"]}
    assert (named["audit"]["kept_for"], named["notes"]["kept_for"], named["audit"]["usual"]) == (
        365,
        None,
        730,
    )
    body, tag = {"kept_for": {"notes": 400}}, {"HTTP_IF_MATCH": read["ETag"]}
    assert caller.patch("/api/v1/retention/", body).status_code == 428
    assert (
        caller.patch("/api/v1/retention/", {"kept_for": {"nothing": 4, "audit": 3}}, **tag).status_code == 400
    )
    assert caller.patch("/api/v1/retention/", body, **tag).json()["bookkeeping_years"] == 7
    assert caller.patch("/api/v1/retention/", body, **tag).status_code == 412
    assert lengths(Organisation.objects.current())["notes"] == 400


def test_whom_an_old_backup_brings_back_is_erased_again_and_nobody_else(person, settings, tmp_path, capsys, django_capture_on_commit_callbacks):  # fmt: skip
    settings.ERASURE_LOG = str(tmp_path / "erasures.log")
    backup = dict(Customer.objects.values_list("pk", "created_at"))
    other = CustomerFactory(name="Somebody else")
    with django_capture_on_commit_callbacks(execute=True):
        erase(person, by=None)
    call_command("erasures")
    printed = capsys.readouterr().out
    assert printed == Path(settings.ERASURE_LOG).read_text()
    assert len(printed.splitlines()) == len(backup) == 2
    assert "Zyxkanari" not in printed
    Customer.objects.filter(pk__in=backup).update(
        erased_at=None, name="Zyxkanari Olsen"
    )  # as a backup has them
    Customer.objects.filter(pk=person.pk).update(created_at=clock.now())  # an id that was given out anew

    keys = keys_in(printed.splitlines())
    assert repeat(keys, do=False).held_up == [pk for pk in backup if pk != person.pk]
    Customer.objects.filter(pk=person.pk).update(created_at=backup[person.pk])
    call_command("repeat_erasures", settings.ERASURE_LOG)
    call_command("repeat_erasures", settings.ERASURE_LOG)

    assert capsys.readouterr().out == "2 customers erased.\n0 customers erased.\n"
    assert not Customer.objects.filter(pk__in=backup, erased_at=None).exists()
    other.refresh_from_db()
    assert other.name == "Somebody else"
    with pytest.raises(CommandError):
        call_command("repeat_erasures", str(tmp_path / "missing"))
