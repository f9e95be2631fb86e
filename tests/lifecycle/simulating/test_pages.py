import pytest
from django.test import Client

from clm.accounts.models import AuditEntry
from lifecycle.models import LifecycleModel, Simulation
from lifecycle.simulating import asking
from tests.lifecycle.shop import six_stages
from tests.lifecycle.simulating.trying import company, drafted

pytestmark = pytest.mark.django_db
PAGE = "/lifecycle/models/swedish-six/draft/simulation/"


@pytest.fixture
def model(db: None) -> LifecycleModel:
    model = six_stages()
    company()
    return model


@pytest.fixture
def client(sign_in, marketer, model) -> Client:
    return sign_in(marketer)


def test_the_page_tells_stages_flows_and_reasons(client, model):
    draft = drafted(model, churned=90, retention=90, loyalty=90)

    page = client.post(PAGE, {"version": draft.pk, "span": "now"}, follow=True).content.decode()

    assert "4 of 10 customers would move." in page
    assert "Has stopped buying" in page
    assert "Last purchase over 90 days ago" in page
    assert "No running campaign" in page
    assert page.count("/customers/") >= 4


def test_days_are_asked_for_by_name(client, model):
    draft = drafted(model, churned=90)

    refused = client.post(PAGE, {"version": draft.pk, "span": "days"})
    wrong = client.post(PAGE, {"version": draft.pk, "span": "days", "first": "1066-10-14"})

    assert (refused.status_code, wrong.status_code) == (422, 422)
    assert "Choose the first day." in refused.content.decode()
    assert list(wrong.context["form"].errors) == ["first"]
    assert not Simulation.objects.exists()
    assert not AuditEntry.objects.filter(action="version.simulated").exists()


def test_one_under_way_shows_how_far_it_is_and_looks_again(client, model, monkeypatch):
    monkeypatch.setattr(asking, "AT_ONCE", 0)
    draft = drafted(model, churned=90)

    page = client.post(PAGE, {"version": draft.pk, "span": "now"}, follow=True)

    simulation = Simulation.objects.get()
    assert f'hx-get="{PAGE}?simulation={simulation.pk}"' in page.content.decode()
    part = client.get(PAGE, {"simulation": simulation.pk}, headers={"HX-Request": "true"}).content.decode()
    assert "simulation-progress" in part
    assert "<html" not in part


def test_a_draft_that_was_changed_since_says_so(client, model):
    draft = drafted(model, churned=90)
    client.post(PAGE, {"version": draft.pk, "span": "now"})

    drafted(model, churned=100)

    assert "was changed or published since" in client.get(PAGE).content.decode()


def test_what_there_is_not_is_not_found(client, model):
    assert client.get(PAGE, {"simulation": "999999"}).status_code == 404
    assert client.get("/lifecycle/models/nosuch/draft/simulation/").status_code == 404
    assert client.get(PAGE, {"simulation": "x" * 40}).status_code == 200
    assert "Nothing was simulated yet" in client.get(PAGE).content.decode()


def test_ten_times_the_examples_cost_no_more_queries(client, model, django_assert_max_num_queries):
    draft = drafted(model, churned=90, retention=90, loyalty=90)
    client.post(PAGE, {"version": draft.pk, "span": "now"})

    with django_assert_max_num_queries(16):
        client.get(PAGE)
