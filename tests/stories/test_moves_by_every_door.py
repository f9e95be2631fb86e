"""A move comes by the page, the API, a file or a batch: the same policy says yes or no, and every no is listed."""

from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import AuditEntry, User
from customers.importing.bringing import bring
from customers.importing.running import check
from customers.importing.starting import start
from customers.models import Customer, Identity, Import, ImportProblem
from lifecycle.designing.editing import edit
from lifecycle.designing.steps import set_moves
from lifecycle.drafting import publish_as_read
from lifecycle.models import LifecycleModel, Parking, Policy, Refusal, StagePeriod
from tests.lifecycle.shop import buyer, six_stages, stage, stage_of, work_off

pytestmark = pytest.mark.django_db
FORBIDDEN = "The model does not allow moving from Conversion to Advocacy."
FILE = """email,stage,reason
ada@example.com,advocacy,Asked us to
bo@example.com,Loyalitet,Signed a yearly plan
nobody@example.com,loyalty,
cleo@example.com,wealthy,
"""


@pytest.fixture
def model(db: None, marketer: User) -> LifecycleModel:
    """Nobody and nothing may lead from a first purchase straight to advocacy."""
    model = six_stages()
    for source in ("person", "api", "import"):
        barred = {("conversion", "advocacy"): Policy.FORBIDDEN}
        edit(model, lambda plan, source=source, barred=barred: set_moves(plan, source, barred), read="*", by=marketer)  # fmt: skip
    publish_as_read(model, read="*", by=marketer, replay=False, heirs={})
    work_off()
    for name in ("Ada", "Bo", "Cleo"):
        email = f"{name.lower()}@example.com"
        customer = buyer(3, name=name)
        Customer.objects.filter(pk=customer.pk).update(email=email)
        Identity.objects.create(customer=customer, original_customer=customer, kind="email", source="", value=email)  # fmt: skip
    return model


def of(name: str) -> Customer:
    return Customer.objects.get(name=name)


def imported(by: User) -> Import:
    run = bring([FILE.encode()], file_name="stages.csv", kind="transitions", source="crm", by=by)
    trial = check(run)
    assert (trial.counts["added"], trial.counts["problems"]) == (1, 3)
    assert not Refusal.objects.filter(source="import").exists()  # a trial writes nothing
    assert stage_of(of("Bo")) == "conversion"
    start(run, by=by)
    work_off()
    run.refresh_from_db()
    return run


def test_a_file_of_moves_goes_through_the_policy(model: LifecycleModel, marketer: User) -> None:
    run = imported(marketer)

    assert (run.status, run.counts["added"], run.counts["problems"]) == ("done", 1, 3)
    assert [stage_of(of(name)) for name in ("Ada", "Bo", "Cleo")] == ["conversion", "loyalty", "conversion"]
    moved = StagePeriod.objects.live().get(customer=of("Bo"), left_at=None)
    assert (moved.cause, moved.actor, moved.reason, moved.held_until) == (
        "import", marketer, "Signed a yearly plan", None,
    )  # fmt: skip
    reasons = dict(ImportProblem.objects.values_list("line", "reason"))
    assert reasons[2] == FORBIDDEN
    assert reasons[4] == "No customer is known by this. Import the customer first."
    assert reasons[5].startswith("Not a stage in use. Choose one of: discovery, engagement, conversion")
    assert Customer.objects.count() == 3
    assert AuditEntry.objects.get(action="customer.moved").details["source"] == "import"


def test_every_door_refuses_with_the_same_words_and_all_is_listed(
    model: LifecycleModel, marketer: User, sign_in: Any, api: Any
) -> None:
    page: Client = sign_in(marketer)
    program: Client = api(marketer)
    ada = of("Ada")

    form = {"move-stage": stage("advocacy").pk, "move-reason": "Wants to", "move-hold": "7"}
    by_page = page.post(f"/customers/{ada.pk}/stages/swedish-six/move/", form)
    by_api = program.post(
        f"/api/v1/customers/{ada.pk}/transitions/", {"stage": "advocacy", "reason": "Wants to"}
    )
    imported(marketer)
    item = {"email": "ada@example.com", "stage": "advocacy", "reason": "Wants to"}
    by_batch = program.post("/api/v1/transitions/batch/", {"source": "crm", "items": [item, item | {"stage": "loyalty", "hold_days": 5}]})  # fmt: skip

    assert by_page.status_code == 409
    assert FORBIDDEN in by_page.content.decode()
    assert (by_api.status_code, by_api.json()["errors"][0]["detail"]) == (409, FORBIDDEN)
    assert by_batch.json()["results"] == [
        {"index": 0, "status": "unchanged", "id": ada.pk, "error": None},  # the later row is what is wanted
        {"index": 1, "status": "added", "id": ada.pk, "error": None},
    ]
    moved = StagePeriod.objects.live().get(customer=ada, left_at=None)
    assert (moved.stage.slug, moved.cause, (moved.held_until - moved.entered_at).days) == (
        "loyalty",
        "api",
        5,
    )  # type: ignore[operator]
    listed = program.get("/api/v1/refusals/", {"customer": ada.pk}).json()["results"]
    assert [(one["source"], one["from"], one["to"], one["reason"]) for one in listed] == [
        ("import", "conversion", "advocacy", FORBIDDEN),
        ("api", "conversion", "advocacy", FORBIDDEN),
        ("person", "conversion", "advocacy", FORBIDDEN),
    ]
    assert page.get("/lifecycle/refusals/").content.decode().count(FORBIDDEN) == 3


def test_a_batch_by_the_api_tells_of_each(model: LifecycleModel, marketer: User, api: Any) -> None:
    program: Client = api(marketer)
    items = [
        {"email": "ada@example.com", "stage": "advocacy"},
        {"email": "bo@example.com", "stage": "conversion"},
        {"email": "cleo@example.com", "stage": "loyalty", "model": "six"},
        {"email": "cleo@example.com", "stage": "loyalty", "hold_days": -1},
        {"stage": "loyalty"},
    ]

    answer = program.post("/api/v1/transitions/batch/", {"source": "crm", "items": items}).json()

    told = [(one["status"], (one["error"] or {}).get("attr")) for one in answer["results"]]
    assert told == [("refused", "stage"), ("unchanged", None), ("refused", "model"), ("refused", "hold_days"), ("refused", "customer")]  # fmt: skip
    assert Refusal.objects.get().source == "api"
    assert program.get("/api/v1/refusals/?source=person").json()["results"] == []
    assert program.get("/api/v1/refusals/?source=wind").status_code == 400


def test_who_is_parked_is_listed_with_the_rules(
    model: LifecycleModel, marketer: User, stranger: User, api: Any
) -> None:
    rule = model.published().rules.first()  # type: ignore[union-attr]
    assert rule
    Parking.objects.create(customer=of("Ada"), model=model, reason="day-by-day", rules=[rule.pk])

    listed = api(marketer).get("/api/v1/parkings/", {"model": "swedish-six"}).json()["results"]
    elsewhere = api(marketer).get("/api/v1/parkings/", {"model": "other"}).json()["results"]
    unseen = api(stranger).get("/api/v1/parkings/").json()["results"]

    assert [(one["customer"], one["reason"], one["rules"]) for one in listed] == [
        (of("Ada").pk, "day-by-day", [{"id": rule.pk, "name": str(rule), "stage": rule.stage.slug}])
    ]
    assert (elsewhere, unseen) == ([], [])
