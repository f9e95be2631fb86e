"""The kind leads: opened with the past that the file tells, or changed by the verbs of a rep."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clm.accounts.models import User
from customers.intake import lookups
from customers.intake import reading as read
from customers.intake.batch import Batch, Outcome, What
from customers.intake.factual import CHANNEL, OWNER, WHO, key
from customers.intake.kinds import Field, Kind, Row
from customers.intake.pursued import change_each, give_customers, last_of_each_key
from customers.intake.things import count, keep_keys, known_keys, one_at_a_time, told
from customers.leads import pursuing
from customers.leads.moving import move
from customers.leads.opening_many import PastLead, open_chunk
from customers.leads.pipelines import Pipelines
from customers.leads.stepping import LeadRefused
from customers.models import Brought, Lead, LeadStatus, Thing
from customers.models.lead_state import STEP_TO

PLAIN = (
    "title",
    "value",
    "currency",
    "next_action",
    "next_action_on",
    "expected_close_on",
    "channel_id",
    "owner_id",
)
# What becomes another with the status.
MOVES = (
    "status",
    "place_id",
    "lost_reason",
    "contacted_at",
    "qualified_at",
    "next_action",
    "next_action_on",
)


def write_leads(batch: Batch) -> None:
    if batch.locks:
        one_at_a_time(Thing.LEAD)
    _prepare(batch)
    known = known_keys(Thing.LEAD, batch.source, [row.key for row in batch.rows])
    leads = Lead.objects.in_bulk(known.values())
    known = {key: pk for key, pk in known.items() if pk in leads}
    batch.refuse_by_mode(lambda row: row.key in known)
    rows = last_of_each_key(batch)
    outcomes = _open(batch, [row for row in rows if row.key not in known])
    again = [(row, leads[known[row.key]]) for row in rows if row.key in known]
    change = partial(_changed, batch, Pipelines.read() if again else None)
    outcomes += change_each(batch, again, change, refused=LeadRefused)
    count(batch, outcomes)


def _prepare(batch: Batch) -> None:
    lookups.put_owners_and_teams(batch)
    reasonless = [
        row
        for row in batch.rows
        if row.values.get("status") == LeadStatus.LOST and "lost_reason" not in row.values
    ]
    batch.refuse([(row, "lost_reason", _("Say why it was lost.")) for row in reasonless])
    lookups.put_channels(batch)


def _open(batch: Batch, rows: list[Row]) -> list[Outcome]:
    if not rows:
        return []
    give_customers(batch, rows)
    teams: dict[int, int | None] = dict(
        User.objects.filter(pk__in=[row.values.get("owner_id") for row in rows]).values_list("pk", "team_id")
    )
    leads = open_chunk([_past(row, teams) for row in rows], batch.organisation)
    keep_keys(Thing.LEAD, batch.source, {row.key: lead.pk for row, lead in zip(rows, leads, strict=True)})
    _remember(batch, [(lead, None) for lead in leads])
    return [Outcome(row.number, "added", lead.pk) for row, lead in zip(rows, leads, strict=True)]


def _past(row: Row, teams: dict[int, int | None]) -> PastLead:
    values, opened = row.values, cast(datetime, row.earliest)
    status = LeadStatus(str(values.get("status", LeadStatus.NEW)))
    closed = max(cast(datetime, values.get("closed_at", opened)), opened)
    owner = cast("int | None", values.get("owner_id"))
    return PastLead(
        row.customer_id,
        opened,
        steps=[(STEP_TO[status], closed)] if status in STEP_TO else [],
        title=str(values.get("title", "")),
        owner_id=owner,
        team_id=teams.get(owner) if owner else None,
        channel_id=cast("int | None", values.get("channel_id")),
        value=cast("Decimal | None", values.get("value")),
        currency=str(values.get("currency", "")),
        next_action=str(values.get("next_action", "")),
        next_action_on=cast("date | None", values.get("next_action_on")),
        expected_close_on=cast("date | None", values.get("expected_close_on")),
        lost_reason=str(values.get("lost_reason", "")) if status == LeadStatus.LOST else "",
    )


def _changed(batch: Batch, pipelines: Pipelines | None, row: Row, lead: Lead) -> What:
    given = {name: row.values[name] for name in PLAIN if name in row.values}
    differing = {name: value for name, value in given.items() if getattr(lead, name) != value}
    if "value" not in differing and lead.value is None:
        differing.pop("currency", None)
    status = row.values.get("status", lead.status)
    if not differing and status == lead.status:
        return "unchanged"
    follow = ["team_id"] if "owner_id" in differing else []
    follow += MOVES if status != lead.status else []
    before = {name: getattr(lead, name) for name in (*differing, *follow)}
    if differing:
        lead = pursuing.change(lead, by=batch.by, values=_as_objects(differing))
    if status != lead.status:
        lead = _moved(batch, row, lead, LeadStatus(str(status)), pipelines)
    _remember(batch, [(lead, before)])
    return "amended"


def _as_objects(values: dict[str, Any]) -> dict[str, Any]:
    """Ids to what the verb takes."""
    taken: dict[str, Callable[[Any], Any]] = {
        "owner_id": lambda pk: User.objects.get(pk=pk),
        "channel_id": _channel,
    }
    return {
        name.removesuffix("_id"): taken[name](value) if name in taken else value
        for name, value in values.items()
    }


def _channel(pk: int) -> object:
    from customers.models import Channel

    return Channel.objects.get(pk=pk)


def _moved(batch: Batch, row: Row, lead: Lead, status: LeadStatus, pipelines: Pipelines | None) -> Lead:
    if status == LeadStatus.LOST:
        return pursuing.lose(lead, by=batch.by, reason=str(row.values["lost_reason"]))
    if status == LeadStatus.WON or pipelines is None:
        raise LeadRefused(_("A lead is won by converting it. Open the lead and convert it."))
    steps = pipelines.of(lead.team_id).steps
    return move(lead, next(step for step in steps if step.status == status), by=batch.by)


def _remember(batch: Batch, leads: list[tuple[Lead, dict[str, Any] | None]]) -> None:
    if batch.written_by is None:
        return
    Brought.objects.bulk_create(
        [
            Brought(
                run=batch.written_by,
                thing=Thing.LEAD,
                thing_id=lead.pk,
                before=None if before is None else {name: told(value) for name, value in before.items()},
                after={name: told(getattr(lead, name)) for name in (before or PLAIN)}
                | {"status": lead.status},
            )
            for lead, before in leads
        ]
    )


LEADS = Kind(
    "leads",
    gettext_lazy("Leads"),
    (
        key(gettext_lazy("Lead id"), "lead_id", "deal_id", "opportunity_id", "id"),
        *WHO,
        Field(
            "person",
            gettext_lazy("Customer's name"),
            read.text(200),
            aliases=("name", "full_name", "customer_name", "contact", "navn"),
        ),
        Field(
            "title",
            gettext_lazy("About"),
            read.text(200),
            aliases=("title", "subject", "deal", "deal_name", "about", "emne"),
        ),
        Field(
            "status",
            gettext_lazy("Status"),
            read.one_of(LeadStatus.values),
            aliases=("status", "lead_status", "stage"),
        ),
        OWNER,
        Field(
            "channel",
            gettext_lazy("Source"),
            read.text(100),
            aliases=(*CHANNEL.aliases, "lead_source", "source"),
        ),
        Field(
            "value",
            gettext_lazy("Value"),
            read.amount,
            aliases=("value", "amount", "deal_value", "værdi", "beløb"),
        ),
        Field(
            "currency",
            gettext_lazy("Currency"),
            read.currency,
            aliases=("currency", "currency_code", "valuta"),
            default=lambda reading: reading.currency or None,
        ),
        Field(
            "next_action", gettext_lazy("Next action"), read.text(200), aliases=("next_action", "next_step")
        ),
        Field(
            "next_action_on",
            gettext_lazy("Date of the next action"),
            read.day,
            aliases=("next_action_on", "due"),
        ),
        Field(
            "expected_close_on",
            gettext_lazy("Expected close"),
            read.day,
            aliases=("expected_close_on", "expected_close", "close_date"),
        ),
        Field(
            "lost_reason",
            gettext_lazy("Reason of the loss"),
            read.text(500),
            aliases=("lost_reason", "loss_reason"),
        ),
        Field(
            "opened_at",
            gettext_lazy("Opened"),
            read.instant,
            aliases=("opened_at", "created_at", "created", "date", "oprettet"),
        ),
        Field(
            "closed_at",
            gettext_lazy("Status since"),
            read.instant,
            aliases=("closed_at", "closed", "status_since"),
        ),
    ),
    write_leads,
    modes=True,
)
