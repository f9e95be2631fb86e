"""What the reps said to their leads, and what they are to do: calls, tries, meetings, notes and tasks."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from clm.accounts.models import Organisation
from clm.base.days import end_of
from clm.demo import SOURCE
from clm.demo.loading import customer_ids
from clm.demo.pursuits import Pursuit
from customers.models import Interaction, Lead, Task
from customers.models.interaction import Direction, InteractionKind, Outcome

CALLS = (
    "Drinks filter coffee only, wants to try the espresso beans.",
    "Pays by invoice, thirty days.",
    "Asked for samples of the three dark roasts.",
    "Decides together with the office manager; call again after their Monday meeting.",
    "Compares us with the present supplier. Price matters less than delivery before nine.",
    "",
)
MEETINGS = (
    "Tasting with six colleagues: the Ethiopian won. Wants the offer with and without a grinder.",
    "Saw the kitchen: two floors, one machine each. Room for a third.",
    "Met the new buyer. Knows us from a former job.",
)
NOTES = (
    "Closed in the second half of July.",
    "Prefers e-mail in the morning.",
    "Delivery to the back door, ring twice.",
)


def bring_conversations(pursuits: Sequence[Pursuit], seed: int) -> None:
    """Once the leads are there. Done again it adds nothing."""
    leads = {(lead.customer_id, lead.opened_at): lead for lead in Lead.objects.all()}
    by_key = _customers_of(pursuits)
    rows = [
        row
        for number, one in enumerate(pursuits)
        if (lead := leads.get((by_key[one.customer], one.opened_at)))
        for row in _said(one, lead, number, Random(f"{seed}/said/{number}"))
    ]
    Interaction.objects.bulk_create(rows, batch_size=2_000, ignore_conflicts=True)


def _customers_of(pursuits: Sequence[Pursuit]) -> dict[str, int]:
    ids = customer_ids()
    return {one.customer: ids[one.customer] for one in pursuits}


def _said(one: Pursuit, lead: Lead, number: int, rng: Random) -> Iterator[Interaction]:
    for place, (step, at) in enumerate(one.steps):
        for part, (kind, when, given) in enumerate(_of_step(step, at, one.opened_at, rng)):
            yield Interaction(
                source=SOURCE,
                key=f"said-{number}-{place}-{part}",
                customer_id=lead.customer_id,
                original_customer_id=lead.customer_id,
                lead=lead,
                actor_id=lead.owner_id,
                kind=kind,
                occurred_at=when,
                **given,
            )


Said = tuple[InteractionKind, datetime, dict[str, object]]


def _of_step(step: str, at: datetime, opened_at: datetime, rng: Random) -> Iterator[Said]:
    if step == "contacted":
        if rng.random() < 0.35:
            tried = max(opened_at, at - timedelta(hours=rng.randrange(2, 30)))
            missed = rng.choice((Outcome.NO_ANSWER, Outcome.LEFT_MESSAGE))
            yield InteractionKind.CALL, tried, {"direction": Direction.OUT, "outcome": missed}
        spoke = {"direction": Direction.OUT, "outcome": Outcome.REACHED, "minutes": rng.randrange(3, 25)}
        yield InteractionKind.CALL, at, spoke | {"text": rng.choice(CALLS)}
    elif step == "qualified" and rng.random() < 0.6:
        yield InteractionKind.MEETING, at, {"minutes": rng.choice((30, 45, 60)), "text": rng.choice(MEETINGS)}
    elif step == "proposed" and rng.random() < 0.4:
        yield InteractionKind.NOTE, at, {"text": rng.choice(NOTES)}


TASKS = (
    "Send the samples",
    "Ask for the delivery address",
    "Check the credit limit",
    "Book the tasting room",
)
TASK_EVERY = 3  # pursuits
TASK_DAYS = (-3, -1, 0, 0, 1, 1, 2, 4, 7)


def bring_tasks(pursuits: Sequence[Pursuit], until: datetime, seed: int) -> None:
    """For some open pursuits: late, of today or to come; for some that are over: done. Done again it adds nothing."""
    leads = {(lead.customer_id, lead.opened_at): lead for lead in Lead.objects.all()}
    by_key, zone = _customers_of(pursuits), Organisation.objects.current().tz
    today = until.astimezone(zone).date()
    rows = [
        _task(one, lead, today, zone, Random(f"{seed}/tasks/{number}"), key=f"demo-{number}")
        for number, one in enumerate(pursuits)
        if one.steps and number % TASK_EVERY == 0
        if (lead := leads.get((by_key[one.customer], one.opened_at)))
    ]
    Task.objects.bulk_create(rows, batch_size=2_000, ignore_conflicts=True)


def _task(one: Pursuit, lead: Lead, today: date, zone: ZoneInfo, rng: Random, *, key: str) -> Task:
    done_at = None if one.is_open else one.steps[-1][1]
    due_on = done_at.astimezone(zone).date() if done_at else today + timedelta(days=rng.choice(TASK_DAYS))
    return Task(
        customer_id=lead.customer_id,
        original_customer_id=lead.customer_id,
        lead=lead,
        owner_id=lead.owner_id,
        planned_by_id=lead.owner_id,
        title=rng.choice(TASKS),
        due_on=due_on,
        due_at=end_of(due_on, zone),
        planned_at=one.steps[0][1],
        done_at=done_at,
        closed_by_id=lead.owner_id if done_at else None,
        key=key,
    )
