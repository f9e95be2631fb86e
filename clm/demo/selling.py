"""Bringing the reps' leads in, with their past."""

from collections.abc import Sequence

from clm.accounts.models import User
from clm.demo import staff
from clm.demo.loading import customer_ids
from clm.demo.pursuits import Pursuit
from customers.intake.lookups import channel_ids
from customers.leads.opening_many import PastLead, open_many
from customers.models import Lead, LeadStep


def bring_leads(pursuits: Sequence[Pursuit]) -> None:
    """Once: where there are leads already, nothing happens."""
    if not Lead.objects.exists():
        open_many(_pasts(pursuits), by=None)


def _pasts(pursuits: Sequence[Pursuit]) -> list[PastLead]:
    customers = customer_ids()
    reps = {user.email: user for user in User.objects.filter(email__in=[rep.email for rep in staff.REPS])}
    channels = channel_ids({one.channel for one in pursuits if one.channel})
    return [
        PastLead(
            customer_id=customers[one.customer],
            opened_at=one.opened_at,
            steps=[(LeadStep(name), at) for name, at in one.steps],
            title=one.title,
            owner_id=reps[one.rep.email].pk,
            team_id=reps[one.rep.email].team_id,
            channel_id=channels.get(one.channel),
            value=one.value,
            currency=one.currency,
            next_action=one.next_action,
            next_action_on=one.next_action_on,
            expected_close_on=one.expected_close_on,
            lost_reason=one.lost_reason,
        )
        for one in pursuits
    ]
