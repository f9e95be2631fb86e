import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.html import escape

from clm.accounts import house
from clm.accounts.models import ApiKey, AuditEntry, Heartbeat, Job, Organisation, User
from clm.accounts.models.job import JobStatus
from clm.base import clock
from tests.accounts.forms import saved

SETTINGS = {
    "name": "Acme",
    "zone": "Europe/Copenhagen",
    "currency": "DKK",
    "margin": "0.4",
    "inactive_after_days": "90",
}


def test_the_organisation_is_changed_and_the_change_told(sign_in, administrator):
    saved(sign_in(administrator), "/settings/organisation/", **SETTINGS)

    organisation = Organisation.objects.current()
    assert (organisation.zone, organisation.currency, str(organisation.margin)) == (
        "Europe/Copenhagen",
        "DKK",
        "0.4000",
    )
    entry = AuditEntry.objects.get(action="organisation.changed")
    assert entry.details["before"] == {
        "name": "My company", "zone": "UTC", "currency": "EUR", "margin": None, "inactive_after_days": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("margin", "1.5"),
        ("margin", "NaN"),
        ("zone", "Mars/Olympus"),
        ("currency", "XXX"),
        ("inactive_after_days", "-5"),
        ("name", " "),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_at_its_field(sign_in, administrator, field, value):
    page = saved(sign_in(administrator), "/settings/organisation/", **SETTINGS | {field: value})

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not AuditEntry.objects.exists()


def test_the_currency_stays_once_amounts_are_stored_in_it(sign_in, administrator, monkeypatch):
    monkeypatch.setattr(house, "_amounts", [lambda: True])

    page = saved(sign_in(administrator), "/settings/organisation/", **SETTINGS)

    assert list(page.context["form"].errors) == ["currency"]
    assert Organisation.objects.current().currency == "EUR"


def test_a_key_is_shown_once_works_and_is_revoked(sign_in, administrator):
    client = sign_in(administrator)
    shown = client.post("/settings/api-keys/", {"name": "Shop", "owner": administrator.pk, "scope": "read"})
    text = re.search(r'id="api-key"[^>]*>(clm_[^<]+)<', shown.content.decode())[1]
    bearer = {"Authorization": f"Bearer {text}"}

    me = Client().get("/api/v1/me/", headers=bearer).json()
    assert (me["email"], me["key"], me["scopes"]) == (administrator.email, "Shop", ["read"])
    assert text not in client.get("/settings/api-keys/").content.decode()
    assert ApiKey.objects.get().last_used_at is not None

    client.post(f"/settings/api-keys/{ApiKey.objects.get().pk}/revocation/")
    assert Client().get("/api/v1/me/", headers=bearer).status_code == 401
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["api_key.issued", "api_key.revoked"]
    assert text not in str(list(AuditEntry.objects.values()))


def test_the_audit_log_is_paged_and_searched(sign_in, administrator, owner):
    for number in range(60):
        AuditEntry.objects.record(f"thing.made_{number:02}", owner, by=owner)
    client = sign_in(administrator)

    first = client.get("/settings/audit/")
    second = client.get("/settings/audit/", {"before": first.context["next_before"]})
    found = client.get("/settings/audit/", {"q": "made_07", "actor": owner.pk, "door": "command"})

    assert [entry.action for entry in first.context["entries"]] == [
        f"thing.made_{number:02}" for number in range(59, 9, -1)
    ]
    assert [entry.action for entry in second.context["entries"]] == [
        f"thing.made_{number:02}" for number in range(9, -1, -1)
    ]
    assert [entry.action for entry in found.context["entries"]] == ["thing.made_07"]


@pytest.mark.parametrize(
    "query",
    [
        "before=0",
        "before=x",
        "actor=99999999999999999999",
        "since=0000-00-00",
        "since=0001-01-01",
        "until=9999-12-31",
        "door=window",
        "q=%00",
    ],
)
def test_a_broken_audit_filter_is_an_answer_not_a_crash(sign_in, administrator, query):
    assert sign_in(administrator).get(f"/settings/audit/?{query}").status_code == 400


def test_a_key_that_can_not_be_is_not_found(sign_in, administrator):
    assert sign_in(administrator).post("/settings/api-keys/a%00b/revocation/").status_code == 404


def test_what_users_wrote_is_shown_as_text(sign_in, administrator):
    attack = "<script>alert(1)</script>"
    AuditEntry.objects.record("thing.made", administrator, by=administrator, note=attack)
    User.objects.filter(pk=administrator.pk).update(name=attack)

    html = sign_in(administrator).get("/settings/audit/").content.decode()

    assert attack not in html
    assert escape(attack) in html


def test_a_job_shows_its_progress_and_can_be_cancelled(sign_in, owner):
    job = Job.objects.create(
        kind="import", title="Import of orders.csv", owner=owner, done=30, total=120, status=JobStatus.RUNNING
    )
    client = sign_in(owner)

    moving = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert 'value="30" max="120"' in moving
    assert 'hx-trigger="every 1s"' in moving
    assert "<html" not in moving

    client.post(f"/jobs/{job.pk}/cancellation/")
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    assert AuditEntry.objects.get(action="job.cancelled").actor == owner
    assert "hx-trigger" not in client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).content.decode()


def test_the_result_of_a_job_is_told_in_words(sign_in, owner):
    result = {"rows": 1200, "is_whole": True, "counts": {"customers_added": 7, "problems": 0}, "problems": []}
    job = Job.objects.create(kind="import", title="Check", owner=owner, status=JobStatus.DONE, result=result)

    page = sign_in(owner).get(f"/jobs/{job.pk}/")

    assert [(str(label), value) for label, value in page.context["told"]] == [
        ("Rows read", 1200),
        ("Customers added", 7),
        ("Rows left out", 0),
    ]
    assert "customers_added" not in page.content.decode()


def test_a_job_is_seen_by_its_owner_and_managers_only(sign_in, owner, teammate, manager):
    job = Job.objects.create(kind="import", title="Import of secret.csv", owner=owner)

    assert sign_in(owner).get(f"/jobs/{job.pk}/").status_code == 200
    assert sign_in(manager).get(f"/jobs/{job.pk}/").status_code == 200
    assert sign_in(teammate).get(f"/jobs/{job.pk}/").status_code == 404
    assert sign_in(teammate).post(f"/jobs/{job.pk}/cancellation/").status_code == 404
    assert "secret.csv" not in sign_in(teammate).get("/jobs/").content.decode()
    assert sign_in(teammate).get(f"/api/v1/jobs/{job.pk}/").status_code == 404
    assert sign_in(teammate).get("/api/v1/jobs/").json() == {"next": None, "results": []}


WARNING = "Background work is delayed"


def test_a_silent_worker_is_told_above_every_page(sign_in, owner):
    hour = clock.now().replace(year=2020)
    User.objects.update(created_at=hour)
    client = sign_in(owner)

    assert WARNING in client.get("/jobs/").content.decode()

    Heartbeat.objects.beat("worker")
    assert WARNING not in client.get("/jobs/").content.decode()

    Heartbeat.objects.update(at=hour)
    cache.clear()  # some seconds later
    assert WARNING in client.get("/jobs/").content.decode()


def test_a_worker_that_is_just_starting_is_not_missed(sign_in, owner):
    assert WARNING not in sign_in(owner).get("/jobs/").content.decode()


def test_pages_about_people_are_not_kept_by_browsers_or_proxies(sign_in, owner):
    assert "no-store" in sign_in(owner).get("/jobs/").headers["Cache-Control"]
    assert "no-store" in sign_in(owner).get("/api/v1/me/").headers["Cache-Control"]
