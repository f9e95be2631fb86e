"""The pages of segments: listed, made with and without JavaScript, changed, filled, deleted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from clm.accounts.models import Job, User
from customers.models import Customer, Import, Segment
from customers.segments import filling, keeping
from tests.customers.building import BOUGHT, dynamic, sent
from tests.factories import CustomerFactory, EventFactory, OrderFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def test_a_segment_is_made_from_what_the_builder_sends(marketer: User, sign_in: SignIn) -> None:
    OrderFactory(customer=CustomerFactory(name="Ada"))

    answer = sign_in(marketer).post(
        "/segments/new/",
        sent(
            ("orders", {"at_least": "1", "within_days": ""}),
            ("field", {"field": "country", "operator": "is_empty"}),
        ),
        follow=True,
    )

    made = Segment.objects.get()
    assert made.conditions == {
        "all": [
            BOUGHT,
            {"condition": "field", "parameters": {"field": "country", "operator": "is_empty"}},
        ]
    }
    assert answer.redirect_chain == [(f"/segments/{made.pk}/", 302)]
    assert "At least 1 order and country is unknown." in answer.content.decode()


def test_decimals_are_typed_and_shown_with_the_marks_of_the_reader(marketer: User, sign_in: SignIn) -> None:
    marketer.language = "de"
    marketer.save(update_fields=["language"])
    client = sign_in(marketer)

    client.post("/segments/new/", sent(("spent", {"at_least": "1.002,5"}), ("spent", {"at_least": "1,125"})))

    made = Segment.objects.get()
    assert [one["parameters"]["at_least"] for one in made.conditions["all"]] == ["1002.5", "1.125"]
    page = client.get(f"/segments/{made.pk}/edit/").content.decode()
    assert (
        'name="conditions-0.0-p-at_least" value="1002,5" type="text" autocomplete="off" inputmode="decimal"'
        in page
    )
    assert 'name="conditions-0.1-p-at_least" value="1,125" type="text"' in page


def test_nested_and_negated_groups_keep_their_shape(marketer: User, sign_in: SignIn) -> None:
    data = sent(join="any") | {
        "conditions-0.0-join": "none",
        "conditions-0.0.0-condition": "orders",
        "conditions-0.0.0-p-at_least": "2",
        "conditions-0.0.0-not": "1",
        "conditions-0.1-condition": "event",
        "conditions-0.1-p-names": "page.viewed, cart.abandoned",
        "conditions-0.1-p-at_least": "1",
    }

    sign_in(marketer).post("/segments/new/", data)

    assert Segment.objects.get().conditions == {
        "any": [
            {"not": {"any": [{"not": {"condition": "orders", "parameters": {"at_least": 2}}}]}},
            {"condition": "event", "parameters": {"names": ["page.viewed", "cart.abandoned"]}},
        ]
    }


def test_what_is_stored_is_shown_as_it_was_sent(marketer: User, sign_in: SignIn) -> None:
    tree = {
        "all": [
            BOUGHT,
            {"not": {"all": [BOUGHT, {"not": {"condition": "first_seen", "parameters": {"days": 3}}}]}},
        ]
    }
    segment = dynamic(marketer, conditions=tree)
    client = sign_in(marketer)
    page = client.get(f"/segments/{segment.pk}/edit/")

    sketch = page.context["form"]["conditions"].value()

    assert sketch == tree
    from clm.base.conditions.sketch import sketch_of

    assert sketch_of(tree).tree() == {
        "all": [
            {"condition": "orders", "parameters": {"at_least": "1"}},
            {"not": {"all": [
                {"condition": "orders", "parameters": {"at_least": "1"}},
                {"not": {"condition": "first_seen", "parameters": {"days": "3"}}},
            ]}},
        ]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (("orders", {"at_least": "0"}), "Is at least 1."),
        (("orders", {"at_least": "many"}), "Expected a whole number."),
        (("orders", {}), "Is required."),
        (("purchased_within", {"days": "-5"}), "Is at least 0."),
        (("field", {"field": "pay", "operator": "is"}), "no profile field “pay”"),
        (("nothing", {}), "there is no condition “nothing”"),
        (("", {}), "Add at least one test."),
        (("in_segment", {"segment": "none"}), "There is no segment “none”."),
    ],
)
def test_an_error_stands_at_its_test(
    marketer: User, sign_in: SignIn, line: tuple[str, dict[str, Any]], told: str
) -> None:
    answer = sign_in(marketer).post("/segments/new/", sent(line))

    assert answer.status_code == 422
    assert told.lower() in answer.content.decode().lower()
    assert not Segment.objects.exists()


def test_the_builder_works_without_javascript(marketer: User, sign_in: SignIn) -> None:
    client = sign_in(marketer)
    typed = sent(("orders", {"at_least": "7"}), name="Half typed")

    page = client.post("/segments/new/", typed | {"conditions-do": "group:0"}).content.decode()
    less = client.post("/segments/new/", typed | {"conditions-do": "remove:0.0"}).content.decode()

    assert 'name="conditions-0.1-join"' in page
    assert 'name="conditions-0.1.0-condition"' in page
    assert 'value="Half typed"' in page
    assert 'value="7"' in page
    assert 'name="conditions-0.0-condition"' not in less
    assert "field-errors" not in page
    assert not Segment.objects.exists()


def test_the_builder_exchanges_itself(marketer: User, sign_in: SignIn) -> None:
    answer = sign_in(marketer).post("/conditions/", sent(("field", {"field": "country", "operator": "is"})))

    part = answer.content.decode()
    assert part.strip().startswith('<div id="conditions-builder"')
    assert '<option value="DK">Denmark</option>' in part


def test_a_rep_sees_the_number_of_own_members_only(marketer: User, owner: User, sign_in: SignIn) -> None:
    OrderFactory(customer=CustomerFactory(name="Ada", owner=owner))
    for _n in range(3):
        OrderFactory()
    segment = dynamic(marketer)

    listed = sign_in(owner).get("/segments/")
    page = sign_in(owner).get(f"/segments/{segment.pk}/")

    assert [line.count for line in listed.context["lines"]] == [1]
    assert (page.context["about"].count, page.context["about"].entered) == (1, 1)
    assert [period.customer.name for period in page.context["about"].newest] == ["Ada"]
    assert sign_in(owner).post(f"/segments/{segment.pk}/removal/").status_code == 403


def test_a_private_segment_is_not_there_for_others(marketer: User, manager: User, sign_in: SignIn) -> None:
    segment = dynamic(marketer, is_shared=False)

    assert sign_in(manager).get(f"/segments/{segment.pk}/").status_code == 404
    assert "Buyers" not in sign_in(manager).get("/segments/").content.decode()
    assert "Buyers" in sign_in(marketer).get("/segments/").content.decode()


def test_a_change_by_somebody_else_is_told(marketer: User, sign_in: SignIn) -> None:
    segment = dynamic(marketer)
    client = sign_in(marketer)
    read = client.get(f"/segments/{segment.pk}/edit/").context["form"]["read"].value()
    keeping.change(segment, by=marketer, values={"name": "Better"})

    answer = client.post(f"/segments/{segment.pk}/edit/", sent(("orders", {"at_least": "5"}), read=read))

    assert answer.status_code == 409
    assert "changed meanwhile" in answer.content.decode()
    segment.refresh_from_db()
    assert (segment.name, segment.conditions) == ("Better", BOUGHT)


def test_what_is_used_stays(marketer: User, sign_in: SignIn) -> None:
    segment = dynamic(marketer)
    dynamic(marketer, "Outer", {"condition": "in_segment", "parameters": {"segment": segment.slug}})

    answer = sign_in(marketer).post(f"/segments/{segment.pk}/removal/", follow=True)

    assert "It is used by: the segment “Outer”" in answer.content.decode()
    assert Segment.objects.filter(pk=segment.pk).exists()


def test_a_list_becomes_a_segment_by_hand(marketer: User, sign_in: SignIn) -> None:
    for number in range(3):
        CustomerFactory(country="DK", name=f"D{number}")
    CustomerFactory(country="SE")
    client = sign_in(marketer)

    answer = client.post("/segments/fill/", {"query": "country=DK", "name": "Danes"}, follow=True)

    segment = Segment.objects.get()
    assert (segment.kind, segment.name, segment.count) == ("static", "Danes", 3)
    assert "3 customers were added." in answer.content.decode()
    assert not Job.objects.exists()


def test_long_lists_are_filled_in_by_a_job(
    marketer: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("customers.views.segment_members.AT_ONCE", 1)
    for _n in range(3):
        CustomerFactory()

    answer = sign_in(marketer).post("/segments/fill/", {"query": "", "name": "All"})

    job = Job.objects.get(kind=filling.JOB_KIND)
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"


def test_filling_asks_for_a_segment_or_a_name(marketer: User, sign_in: SignIn) -> None:
    answer = sign_in(marketer).post("/segments/fill/", {"query": ""})

    assert answer.status_code == 422
    assert "Choose a segment, or name a new one." in answer.content.decode()
    assert not Segment.objects.exists()


def test_somebody_is_taken_out_on_the_page(marketer: User, sign_in: SignIn) -> None:
    ada = CustomerFactory(name="Ada")
    segment = keeping.create(by=marketer, name="VIPs", kind="static")
    filling.add(segment, Customer.objects.all(), by=marketer)

    answer = sign_in(marketer).post(f"/segments/{segment.pk}/members/{ada.pk}/removal/", follow=True)

    assert "Ada was taken out." in answer.content.decode()
    assert not segment.members().exists()


def test_segments_are_computed_on_demand(marketer: User, sign_in: SignIn) -> None:
    segment = dynamic(marketer)
    OrderFactory()

    sign_in(marketer).post(f"/segments/{segment.pk}/refresh/")

    segment.refresh_from_db()
    assert segment.count == 1


def test_the_list_is_narrowed_by_a_segment(marketer: User, manager: User, sign_in: SignIn) -> None:
    ada = CustomerFactory(name="Ada")
    CustomerFactory(name="Bob")
    segment = keeping.create(by=marketer, name="VIPs", kind="static", is_shared=False)
    filling.add(segment, Customer.objects.filter(pk=ada.pk), by=marketer)

    mine = sign_in(marketer).get("/customers/?segment=vips")
    theirs = sign_in(manager).get("/customers/?segment=vips")
    api = sign_in(marketer).get("/api/v1/customers/?segment=vips").json()

    assert [row.name for row in mine.context["listing"].page.rows] == ["Ada"]
    assert ("segment", "Segment", "VIPs") in mine.context["listing"].filters.chosen
    assert theirs.context["listing"].page.rows == []
    assert [row["name"] for row in api["results"]] == ["Ada"]


def test_a_column_and_a_panel_name_the_segments(marketer: User, sign_in: SignIn) -> None:
    ada = CustomerFactory(name="Ada")
    OrderFactory(customer=ada)
    dynamic(marketer)
    dynamic(marketer, "Also buyers")
    client = sign_in(marketer)

    listed = client.get("/customers/?cols=segments").content.decode()
    page = client.get(f"/customers/{ada.pk}/more/").content.decode()

    assert "Also buyers, Buyers" in listed
    assert 'id="segments"' in page
    assert "Also buyers" in page


def test_what_an_import_brought_becomes_a_segment(marketer: User, owner: User, sign_in: SignIn) -> None:
    run = Import.objects.create(kind="orders", source="shop", file_name="orders.csv", path="orders.csv")
    OrderFactory(customer=CustomerFactory(name="Ada"), written_by=run)
    EventFactory(customer=CustomerFactory(name="Bob"), written_by=run)
    OrderFactory(customer=CustomerFactory(name="Cleo"))

    sign_in(marketer).post("/segments/fill/", {"query": f"import={run.pk}", "name": "Brought"})

    assert sorted(Segment.objects.get().members().values_list("name", flat=True)) == ["Ada", "Bob"]
    assert not sign_in(owner).get(f"/customers/?import={run.pk}").context["listing"].filters.is_valid()
