"""Two companies become one: their people, ids and names; and one without people goes."""

import json
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from campaigns.models import Campaign, CampaignVersion
from clm.accounts.models import AuditEntry, BulkChange, SavedView
from clm.base.uses import uses
from customers.companies import company_named
from customers.company_merging import CompanyKept, delete, merge
from customers.intake.lookups import company_ids
from customers.merging.merge import merge as merge_customers
from customers.merging.merge import unmerge
from customers.models import Arrival, Company, Customer, CustomerQuerySet, ExternalKey, ProfileChange
from customers.once_called import IDS, NAMES, now_at
from lifecycle.models import ComponentRule, Rule
from lifecycle.presets import install
from tests.api.conftest import api
from tests.customers.scored import profile
from tests.customers.segmented import dynamic, leaf
from tests.factories import CompanyFactory, CustomerFactory

__all__ = ["api"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(owner) -> tuple[Company, Company]:
    winner = CompanyFactory(name="Engines", domain="engines.example", country="GB")
    loser = CompanyFactory(name="Engines Ltd", domain="engines.test", owner=owner)
    ExternalKey.objects.create(thing="company", source="erp", key="77", thing_id=loser.pk)
    return loser, winner


def test_its_people_names_and_ids_are_the_winner_s_and_a_choice_says_whose_values(pair, marketer, owner):
    loser, winner = pair
    ada, old = CustomerFactory(name="Ada", company=loser), CustomerFactory(company=winner)
    Arrival.objects.all().delete()

    assert merge(loser, winner, by=marketer, choices={"domain": "loser", "name": "winner"}) == 1

    kept = Company.objects.get()
    assert (kept.pk, kept.name, kept.domain, kept.country, kept.owner) == (winner.pk, "Engines", "engines.test", "GB", owner)  # fmt: skip
    assert set(Customer.objects.values_list("company", flat=True)) == {winner.pk}
    fact = ProfileChange.objects.get(customer=ada, field="company")
    assert (fact.value, fact.superseded_at) == (winner.pk, None)
    assert not ProfileChange.objects.filter(customer=old).exists()
    assert list(Arrival.objects.values_list("customer", flat=True)) == [ada.pk]
    assert company_named("engines LTD") == winner
    assert company_ids(["Engines Ltd", "Other"])["Engines Ltd"] == winner.pk
    assert ExternalKey.objects.get(source="erp").thing_id == winner.pk
    entry = AuditEntry.objects.get(action="company.merged")
    assert (entry.subject_id, entry.details["loser_name"], entry.details["people"]) == (winner.pk, "Engines Ltd", 1)  # fmt: skip


def test_who_came_while_the_locks_were_awaited_has_a_fact_too(pair, marketer, monkeypatch):
    loser, winner = pair
    ada, late = CustomerFactory(company=loser), CustomerFactory(company=loser)
    locked, found = CustomerQuerySet.lock, list[list[int]]()

    def without_who_came_late(rows: CustomerQuerySet) -> list[int]:
        found.append(locked(rows))
        return found[-1] if found[1:] else [ada.pk]

    monkeypatch.setattr(CustomerQuerySet, "lock", without_who_came_late)

    assert merge(loser, winner, by=marketer) == 2

    moved = ProfileChange.objects.filter(field="company", value=winner.pk)
    assert set(moved.values_list("customer", flat=True)) == {ada.pk, late.pk}


def test_what_can_t_be_merged_or_deleted_stays(pair, owner, stranger, marketer):
    loser, winner = pair
    CustomerFactory(company=loser, owner=stranger, team=stranger.team)

    for refused in (
        lambda: merge(loser, loser, by=marketer),
        lambda: merge(loser, winner, by=owner),  # one of the people is not the rep's
        lambda: merge(winner, loser, by=owner),  # nor when that one's company is to stay
        lambda: delete(loser, by=marketer),
    ):
        with pytest.raises(CompanyKept):
            refused()
    assert Company.objects.count() == 2
    delete(winner, by=marketer)
    with pytest.raises(CompanyKept):
        merge(winner, loser, by=marketer)


def test_a_company_that_conditions_ask_for_stays_until_they_don_t(pair, marketer, administrator):
    loser, winner = pair
    asks = leaf("field", field="company", operator="is", value=str(loser.pk))
    segment = dynamic(marketer, name="Engineers", conditions=asks)
    fits = profile({"weight": 10, "conditions": {"not": asks}}, name="Others")

    for refused in (lambda: merge(loser, winner, by=marketer), lambda: delete(loser, by=marketer)):
        with pytest.raises(CompanyKept, match="the segment “Engineers”, the ideal profile “Others”"):
            refused()

    assert Company.objects.count() == 2
    segment.delete()
    fits.delete()
    assert merge(loser, winner, by=marketer) == 0


@pytest.mark.parametrize("app", ["rules", "components", "campaigns"])
def test_rules_and_campaigns_tell_which_companies_they_ask_for(app, pair):
    asks = leaf("field", field="company", operator="is_not", value=str(pair[0].pk))
    if app == "campaigns":
        campaign = Campaign.objects.create(name="Spring")
        CampaignVersion.objects.create(campaign=campaign, number=1, goal=asks)
    else:
        install("danish-twelve", by=None)
        kind: type[Rule | ComponentRule] = Rule if app == "rules" else ComponentRule
        kind.objects.filter(pk=kind.objects.earliest("pk").pk).update(condition=asks)

    assert list(uses("company")) == [str(pair[0].pk)]


def test_a_version_that_governs_the_past_counts_until_a_replay(pair):
    asks = leaf("field", field="company", operator="is", value=str(pair[0].pk))
    version = install("swedish-six", by=None).published()
    Rule.objects.filter(pk=version.rules.earliest("pk").pk).update(condition=asks)
    version.status = "retired"
    version.save()

    ((use,),) = uses("company").values()
    version.governs_from = None  # as a replay with another leaves it
    version.save()

    assert str(use.label).endswith(", in version 1, which governs the past until a replay")
    assert uses("company") == {}


def test_views_of_lists_that_ask_for_it_ask_for_the_winner(pair, marketer, stranger):
    loser, winner = pair
    tree = json.dumps({"not": leaf("field", field="company", operator="is", value=str(loser.pk))})
    asked = [
        f"company={loser.pk}&sort=name",
        urlencode({"conditions": tree}),
        f"company={loser.pk}7",
        "q=company",
    ]
    views = [
        SavedView.objects.create(owner=stranger, page="customers", name=str(n), query=query)
        for n, query in enumerate(asked)
    ]

    merge(loser, winner, by=marketer)

    queries = [SavedView.objects.get(pk=view.pk).query for view in views]
    assert queries[0] == f"company={winner.pk}&sort=name"
    assert json.loads(QueryDict(queries[1])["conditions"])["not"]["parameters"]["value"] == str(winner.pk)
    assert queries[2:] == asked[2:]
    assert AuditEntry.objects.get(action="company.merged").details["views"] == 2


def test_undoing_leads_companies_to_what_they_became(pair, sign_in, marketer):
    loser, winner = pair
    first = CompanyFactory(name="First")
    ada, twin = CustomerFactory(company=first), CustomerFactory(company=loser)
    bob = CustomerFactory(company=first)
    done = merge_customers(twin, ada, by=marketer, choices={"company": "loser"})
    client = sign_in(marketer)
    client.post("/bulk/customers/field/", {"pk": [bob.pk], "field": "company", "value": "Engines Ltd"})

    merge(loser, winner, by=marketer)
    unmerge(done, by=marketer)
    client.post(f"/bulk/changes/{BulkChange.objects.get().pk}/undo/")

    now = dict(Customer.objects.values_list("pk", "company"))
    assert now == {ada.pk: first.pk, twin.pk: winner.pk, bob.pk: first.pk}


def test_companies_are_merged_and_deleted_by_page_and_api(pair, sign_in, marketer, stranger, api, django_assert_max_num_queries):  # fmt: skip
    loser, winner = pair
    CustomerFactory(company=loser)
    client = sign_in(marketer)
    client.get("/companies/")

    with django_assert_max_num_queries(12):
        offered = client.get(f"/companies/{winner.pk}/merge/").content.decode()
    with django_assert_max_num_queries(12):
        shown = client.get(f"/companies/{winner.pk}/merge/{loser.pk}/").content.decode()
    merged = client.post(f"/companies/{winner.pk}/merge/{loser.pk}/", {"choice-name": "loser"})
    old = client.get(f"/companies/{loser.pk}/")

    assert f"/companies/{winner.pk}/merge/{loser.pk}/" in offered
    assert shown.count('type="radio"') == 4
    assert (merged.status_code, old.status_code, old["Location"]) == (302, 301, f"/companies/{winner.pk}/")
    assert (company_named("Engines"), Company.objects.get().name) == (winner, "Engines Ltd")
    assert client.post(f"/companies/{winner.pk}/deletion/", follow=True).status_code == 200
    empty, caller = CompanyFactory(name="Empty"), api(marketer)
    assert client.get(f"/companies/{empty.pk}/").content.decode().count("/deletion/") == 1
    address = f"/api/v1/companies/{winner.pk}/"
    assert api(stranger).post(f"{address}merges/", {"loser": empty.pk}).status_code == 404
    assert caller.post(f"{address}merges/", {"loser": 0}).status_code == 400
    assert caller.post(f"{address}merges/", {"loser": winner.pk}).status_code == 409
    assert caller.post(f"{address}merges/", {"loser": empty.pk}).json()["people"] == 1
    led = caller.get(f"/api/v1/companies/{loser.pk}/")
    assert (led.status_code, led["Location"], led.json()["id"]) == (301, address, winner.pk)
    assert api(stranger).get(f"/api/v1/companies/{loser.pk}/").status_code == 404
    assert caller.delete(address).status_code == 409
    assert (
        client.post(f"/companies/{CompanyFactory(name='Gone').pk}/deletion/").headers["Location"]
        == "/companies/"
    )
    assert caller.delete(f"/api/v1/companies/{CompanyFactory(name='Too').pk}/").status_code == 204
    assert list(Company.objects.all()) == [winner]


def test_a_name_that_leads_to_a_company_that_is_gone_is_a_new_one_s():
    gone = CompanyFactory(name="Gone")
    for source, key in ((NAMES, "ENGINES LTD"), (IDS, "77")):
        ExternalKey.objects.create(thing="company", source=source, key=key, thing_id=gone.pk)
    Company.objects.all().delete()

    made = company_ids(["Engines Ltd"])

    assert made == {"Engines Ltd": Company.objects.get().pk}
    assert now_at(77) is None
