"""What is written of a customer that became another a moment ago, or is undone after more has changed."""

from typing import Any

import pytest

from campaigns.choosing import unsubscribe
from clm.accounts.models import Team
from customers import interactions, profiles, tasks_doing
from customers.intake.people import Moved, People
from customers.intake.taking import take_in
from customers.leads.opening import open_lead
from customers.leads.pursuing import Next, lose
from customers.merging.merge import merge, unmerge
from customers.models import Company, Consent, Customer, Interaction, Lead, Task
from lifecycle.models import StagePeriod
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def loser(owner: Any) -> Customer:
    """As it was read before the merge."""
    return CustomerFactory(name="Ada", owner=owner)


@pytest.fixture
def winner(owner: Any) -> Customer:
    return CustomerFactory(name="Ada Lovelace", owner=owner)


def test_what_is_written_of_one_that_was_merged_away_meanwhile_is_the_winners(owner, loser, winner):
    lead = open_lead(by=owner, customer=loser, values={"title": "Ten licences"})
    third = CustomerFactory(owner=owner)
    merge(loser, winner, by=None)
    merge(winner, third, by=None)

    interactions.note(loser, by=owner, text="Called back", lead=lead)
    tasks_doing.plan(loser, by=owner, values={"title": "Send the samples", "lead": lead})
    open_lead(by=owner, customer=winner, values={"title": "Forty licences"})
    unsubscribe(loser, "marketing", proof={"via": "page"})

    for model in (Interaction, Task, Lead, Consent):
        assert set(model.objects.values_list("customer", flat=True)) == {third.pk}, model


def test_a_move_from_a_file_starts_over_when_the_customer_was_merged_away(stages, winner, monkeypatch):
    loser = profiles.register(by=None, values={"name": "Ada"}, source="shop", external_id="C1")
    resolve = People.resolve

    def merged_meanwhile(people: People) -> None:
        resolve(people)
        merge(loser, winner, by=None)

    monkeypatch.setattr(People, "resolve", merged_meanwhile)
    rows = [(1, {"customer": "C1", "stage": "loyalty"})]

    with pytest.raises(Moved):
        take_in("transitions", rows, source="shop")

    assert not StagePeriod.objects.exists()


def test_a_note_that_was_taken_back_before_the_merge_comes_back_with_the_winner(owner, loser, winner):
    noted = interactions.note(loser, by=owner, text="Prefers e-mail")
    interactions.take_back(noted, by=owner)
    merge(loser, winner, by=None)

    back = interactions.put_back(noted, by=owner)

    assert (back.customer, back.original_customer, back.root) == (winner, loser, noted.pk)


def test_a_call_about_a_lead_that_was_lost_meanwhile_is_kept_and_leaves_the_lead_alone(owner, loser):
    read = open_lead(by=owner, customer=loser, values={"title": "Ten licences"})
    lose(read, by=owner, reason="Too dear")

    interactions.log_call(loser, by=owner, lead=read, then=Next("Send the offer"))

    lead = Lead.objects.get()
    assert (lead.status, lead.contacted_at, lead.next_action) == ("lost", None, "")
    assert Interaction.objects.get().lead == lead


def test_a_merge_is_undone_although_a_company_and_a_team_are_gone(marketer, loser, winner):
    firm, team = Company.objects.create(name="Acme"), Team.objects.create(name="Gone")
    Customer.objects.filter(pk=winner.pk).update(company=firm, team=team)
    other = Company.objects.create(name="Beta"), Team.objects.create(name="Kept")
    Customer.objects.filter(pk=loser.pk).update(company=other[0], team=other[1])
    done = merge(loser, winner, by=None, choices={"company": "loser", "team": "loser"})
    firm.delete()
    team.delete()

    unmerge(done, by=None)

    kept = Customer.objects.order_by("pk").values_list("company", "team")
    assert list(kept) == [(other[0].pk, other[1].pk), (None, None)]


def test_the_one_in_the_middle_gives_back_what_it_had_of_the_first(loser, winner):
    Customer.objects.filter(pk=loser.pk).update(phone="+4512345678")
    earlier = Customer.objects.get(pk=winner.pk).first_seen_at
    third = CustomerFactory()
    inner = merge(loser, winner, by=None)
    outer = merge(winner, third, by=None)

    unmerge(inner, by=None)
    unmerge(outer, by=None)

    phones = dict(Customer.objects.values_list("pk", "phone"))
    assert phones == {loser.pk: "+4512345678", winner.pk: "", third.pk: ""}
    assert Customer.objects.get(pk=winner.pk).first_seen_at == earlier


def test_what_was_typed_of_one_that_was_merged_away_is_kept_with_the_winner(sign_in, owner, loser, winner):
    merge(loser, winner, by=None)
    client, at = sign_in(owner), f"/customers/{loser.pk}"

    note = client.post(f"{at}/interactions/new/?kind=note", {"text": "Prefers e-mail"})
    task = client.post(
        f"{at}/tasks/new/", {"title": "Send the samples", "owner": owner.pk, "due_on": "2030-07-15"}
    )

    assert (note.status_code, task.status_code) == (302, 302)
    assert Interaction.objects.get().customer == Task.objects.get().customer == winner
    assert client.get(f"{at}/tasks/new/").headers["Location"] == f"/customers/{winner.pk}/tasks/new/"


def test_a_winner_whom_the_writer_does_not_see_gets_nothing(sign_in, owner, stranger, loser):
    merge(loser, CustomerFactory(owner=stranger, team=stranger.team), by=None)
    client, at = sign_in(owner), f"/customers/{loser.pk}"

    note = client.post(f"{at}/interactions/new/?kind=note", {"text": "Prefers e-mail"})

    assert note.status_code == 404
    assert not Interaction.objects.exists()


def test_a_search_for_whom_to_merge_with_takes_any_text(sign_in, owner, loser, winner):
    client = sign_in(owner)

    pages = [
        client.get(f"/customers/{loser.pk}/merge/", {"q": text}) for text in ("Love\x00lace", "x" * 9000)
    ]

    assert [page.status_code for page in pages] == [200, 200]
    assert "Ada Lovelace" in pages[0].content.decode()
