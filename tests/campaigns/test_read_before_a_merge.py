"""Whoever read a customer before a merge, and locks it after, writes of the one that has the facts by now."""

from datetime import timedelta

import pytest

from campaigns.models import Survey
from campaigns.surveys.answering import answer
from campaigns.surveys.asking import invite_by_link
from clm.base import clock
from customers.bulk_actions import put, put_back
from customers.leads.opening_many import PastLead, open_many
from customers.merging.merge import merge
from customers.models import Lead
from lifecycle.admission import MoveSet, admit
from lifecycle.evaluation import evaluate_all
from lifecycle.models import Parking
from lifecycle.parking import release
from lifecycle.presets import install
from tests.campaigns.surveyed import asked
from tests.factories import CustomerFactory
from tests.lifecycle.shop import stage, stage_of

pytestmark = pytest.mark.django_db


def test_what_is_written_of_one_that_was_merged_a_moment_ago_is_the_winner_s(marketer):
    model = install("swedish-six", by=None)
    loser, winner = CustomerFactory(name="Ada"), CustomerFactory(name="Ada Berg")
    evaluate_all()
    invitation, survey = asked(loser), Survey.objects.main()
    parked = Parking.objects.create(customer=loser, model=model, reason="ping-pong")
    merge(loser, winner, by=marketer)  # they hold what they had read of the loser
    now = clock.now()

    given = answer(invitation, score=9, language="en")
    linked = invite_by_link(survey, loser, by=marketer)
    admitted = admit(MoveSet([loser.pk], stage("loyalty")), source="person", actor=marketer)
    open_many([PastLead(loser.pk, now - timedelta(days=2), title="Forty")], by=marketer)
    outcome = put([loser.pk, winner.pk], {"country": "DK"}, marketer)
    back = put_back({loser.pk: {"before": {"country": ""}, "after": {"country": ""}}}, {}, marketer)

    assert {given.customer_id, linked.customer_id, Lead.objects.get().customer_id} == {winner.pk}
    assert (admitted.moved, stage_of(winner)) == ([loser.pk], "loyalty")
    assert (set(outcome.before), set(outcome.refused), back) == ({winner.pk}, {loser.pk}, set())
    loser.refresh_from_db()
    assert loser.country == ""
    assert not release(loser, parked.pk, by=marketer)
