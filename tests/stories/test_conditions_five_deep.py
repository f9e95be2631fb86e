"""One tree of five levels, with groups turned round, wherever conditions are asked: built, kept whole, and answered alike."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client

from campaigns.models import Campaign
from clm.accounts.models import User
from customers.models import Customer, Segment
from lifecycle.designing.blueprint import blueprint_of
from lifecycle.models import ModelVersion
from tests.campaigns.outreach import drafted, message_step
from tests.factories import CustomerFactory
from tests.lifecycle.shop import buyer, six_stages

pytestmark = pytest.mark.django_db
PAGE = "/lifecycle/models/swedish-six/draft/"


def orders(at_least: int) -> dict[str, Any]:
    return {"condition": "orders", "parameters": {"at_least": at_least}}


# Has ordered, but is none of those with two orders and no third.
TREE = {"not": {"any": [
    {"not": orders(1)},
    {"not": {"all": [
        orders(1),
        {"not": {"any": [{"all": [orders(2), {"not": orders(3)}]}]}},
    ]}},
]}}  # fmt: skip
JOINS = {("all", False): "all", ("all", True): "not_all", ("any", False): "any", ("any", True): "none"}


def typed(tree: dict[str, Any], path: str = "0", *, is_not: bool = False) -> dict[str, str]:
    """What the builder's form sends."""
    if "not" in tree:
        return typed(tree["not"], path, is_not=True)
    word = next((word for word in ("all", "any") if word in tree), "")
    if not word:
        test = {"condition": tree["condition"], "p-at_least": str(tree["parameters"]["at_least"])}
        return {
            f"conditions-{path}-{name}": value
            for name, value in (test | ({"not": "1"} if is_not else {})).items()
        }
    sent = {f"conditions-{path}-join": JOINS[word, is_not]}
    for place, part in enumerate(tree[word]):
        sent |= typed(part, f"{path}.{place}")
    return sent


def named(name: str) -> dict[str, str]:
    return {key.replace("conditions-", f"{name}-", 1): value for key, value in typed(TREE).items()}


@pytest.fixture
def client(sign_in: Any, marketer: User) -> Client:
    six_stages()
    CustomerFactory(name="Nora None")
    buyer(9, name="Olga One")
    buyer(9, 5, name="Tom Two")
    buyer(9, 5, 2, name="Thea Three")
    client: Client = sign_in(marketer)
    return client


WANTED = ["Olga One", "Thea Three"]  # of whom "two, but not three" does not hold


def test_a_segment_and_both_lists_take_it(client: Client) -> None:
    client.post("/segments/new/", {"name": "Deep", "is_shared": "on", **typed(TREE)})
    narrowed = client.post("/customers/conditions/", {"query": "", **typed(TREE)})

    segment = Segment.objects.get()
    assert segment.conditions == TREE
    assert sorted(segment.members().values_list("name", flat=True)) == WANTED
    assert json.loads(parse_qs(narrowed.url.partition("?")[2])["conditions"][0]) == TREE  # type: ignore[attr-defined]
    page = client.get(narrowed.url).content.decode()  # type: ignore[attr-defined]
    assert [name for name in ("Nora", "Olga", "Tom", "Thea") if name in page] == ["Olga", "Thea"]
    leads = client.post("/leads/conditions/", {"query": "", **typed(TREE)})
    assert json.loads(parse_qs(leads.url.partition("?")[2])["conditions"][0]) == TREE  # type: ignore[attr-defined]


def test_rules_and_components_take_it(client: Client) -> None:
    client.post(f"{PAGE}new-rule/", {"read": "*", "stage": "engagement", "name_en": "Deep", **typed(TREE)})
    client.post(f"{PAGE}new-component/", {"read": "*", "name_en": "Deep", **typed(TREE)})

    plan = blueprint_of(ModelVersion.objects.get(status="draft"))
    assert plan.rules[-1].condition == TREE
    assert [component.condition for component in plan.components] == [TREE]


def test_campaigns_take_it(client: Client) -> None:
    campaign: Campaign = drafted(message_step())

    answer = client.post(f"/campaigns/{campaign.pk}/ends/", named("exit_condition"))

    assert answer.status_code == 302
    assert campaign.versions.get().exit_condition == TREE


def test_the_builder_offers_groups_down_to_the_last_level_and_no_further(client: Client) -> None:
    sent, path = {"conditions-0-join": "all"}, "0"
    for _level in range(3):
        sent |= {"conditions-do": f"group:{path}", "name": "Deep"}
        page = client.post("/segments/new/", sent).content.decode()
        path = f"{path}.0"
        assert f'name="conditions-{path}-join"' in page
        sent[f"conditions-{path}-join"] = "any"

    assert f'value="test:{path}"' in page
    assert f'value="group:{path}"' not in page
    assert Customer.objects.count() == 4
    assert not Segment.objects.exists()
