"""Thresholds: who came to one, and what is then done for them, once.

The pass that writes scores also writes who crosses and who falls, in the same transaction and under the same lock; a
unique key keeps a customer from crossing twice. Then each crossing is acted on in a transaction of its own.
"""

import structlog
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers import tasks_doing
from customers.leads.assigning import give
from customers.leads.opening import open_lead
from customers.leads.pursuing import assign, qualify
from customers.leads.stepping import LeadRefused
from customers.models import (
    Customer,
    CustomerQuerySet,
    Lead,
    LeadStatus,
    Score,
    Threshold,
    ThresholdCrossing,
)
from customers.models.threshold import ThresholdAction

MOST_AT_ONCE = 500
log = structlog.get_logger()


def note_crossings(
    customers: CustomerQuerySet, *, only: Threshold | None = None, is_quiet: bool = False
) -> None:
    """Who of these came to a threshold, and who fell below. Call in the transaction that wrote their scores."""
    whose, parameters = customers.order_by().values("pk").query.sql_with_params()
    at = clock.now()
    one = only.pk if only else None
    given = [*parameters, one, one, at, at, is_quiet, at, "above" if is_quiet else ""]
    with connection.cursor() as cursor:
        cursor.execute(_CROSS.format(whose=whose), given)


_CROSS = """
WITH whose (id) AS MATERIALIZED ({whose}),
t AS (SELECT * FROM customers_threshold WHERE is_active AND (%s::bigint IS NULL OR id = %s)),
above AS (
    SELECT t.id AS threshold, s.customer_id AS customer, t.again_after_days
    FROM customers_score s JOIN whose ON whose.id = s.customer_id
    JOIN t ON s.fit >= t.fit AND s.interest >= t.interest),
fallen AS (
    UPDATE customers_thresholdcrossing c SET fell_at = %s FROM t, whose
    WHERE c.threshold_id = t.id AND c.customer_id = whose.id AND c.fell_at IS NULL
        AND NOT EXISTS (SELECT FROM above a WHERE a.threshold = c.threshold_id AND a.customer = c.customer_id))
INSERT INTO customers_thresholdcrossing
    (threshold_id, customer_id, original_customer_id, crossed_at, is_quiet, outcome)
SELECT threshold, customer, customer, %s,
    %s OR EXISTS (
        SELECT FROM customers_thresholdcrossing c
        WHERE c.threshold_id = threshold AND c.customer_id = customer AND c.acted_at IS NOT NULL
            AND c.acted_at > %s - make_interval(days => again_after_days)), %s
FROM above
WHERE NOT EXISTS (
    SELECT FROM customers_thresholdcrossing c
    WHERE c.threshold_id = threshold AND c.customer_id = customer AND c.fell_at IS NULL)
ORDER BY customer, threshold
"""


def act_on_crossings(*, limit: int = MOST_AT_ONCE) -> int:
    """Do what the thresholds say for whoever crossed, each for itself. Returns how many."""
    done = 0
    for pk in list(ThresholdCrossing.objects.due().order_by("pk").values_list("pk", flat=True)[:limit]):
        done += _act_on(pk)
    return done


@transaction.atomic
def _act_on(pk: int) -> bool:
    """False when somebody else is at it, or was."""
    due = ThresholdCrossing.objects.due().select_for_update(skip_locked=True, of=("self",))
    crossing = due.select_related("threshold__owner", "customer").filter(pk=pk).first()
    if crossing is None:
        return False
    try:
        with transaction.atomic():
            _do(crossing)
    except (ValidationError, LeadRefused) as error:
        log.warning("threshold.refused", crossing=pk, error=str(error))
        crossing.outcome = "; ".join(getattr(error, "messages", [str(error)]))[:300]
    crossing.acted_at = clock.now()
    crossing.save(update_fields=["acted_at", "outcome", "lead", "task"])
    AuditEntry.objects.record(
        "threshold.crossed",
        crossing.customer,
        threshold=crossing.threshold.name,
        outcome=crossing.outcome,
        lead=crossing.lead_id,
        task=crossing.task_id,
    )
    return True


def _do(crossing: ThresholdCrossing) -> None:
    customer, threshold = crossing.customer, crossing.threshold
    if customer.merged_into_id or not Score.objects.filter(customer=customer).exists():
        crossing.outcome = "gone"
    elif threshold.action == ThresholdAction.TASK:
        _plan(crossing)
    else:
        _pursue(crossing)


def _plan(crossing: ThresholdCrossing) -> None:
    customer, threshold = crossing.customer, crossing.threshold
    title = _("%(threshold)s: get in touch") % {"threshold": threshold.name}
    owner = _named_by(threshold) or customer.owner
    crossing.task = tasks_doing.plan(customer, by=None, values={"title": title, "owner": owner})
    crossing.outcome = "planned"


def _pursue(crossing: ThresholdCrossing) -> None:
    """The open lead there is, else a new one; without an owner the assignment rules choose."""
    customer, threshold = crossing.customer, crossing.threshold
    Customer.objects.filter(pk=customer.pk).lock()
    lead = Lead.objects.filter(customer=customer).open().order_by("-opened_at", "-pk").first()
    if lead is None:
        owner = _named_by(threshold)
        values = {"title": threshold.name} | ({"owner": owner} if owner else {})
        lead, crossing.outcome = open_lead(by=None, customer=customer, values=values), "opened"
    else:
        crossing.outcome = "assigned" if _assigned(lead, crossing) else "there"
    crossing.lead = lead
    if threshold.action == ThresholdAction.QUALIFY and lead.status in (LeadStatus.NEW, LeadStatus.CONTACTED):
        qualify(lead, by=None, note=threshold.name)
        crossing.outcome = "qualified"


def _assigned(lead: Lead, crossing: ThresholdCrossing) -> bool:
    """A lead that nobody has goes where a new one would; whoever has one keeps it."""
    if lead.owner_id:
        return False
    owner = _named_by(crossing.threshold)
    given = None if owner or lead.team_id else give(crossing.customer, lead.channel)
    if rep := owner or (given and given.rep):
        assign(lead, by=None, owner=rep)
    if given:
        given.record(lead, by=None)
    return bool(rep)


def _named_by(threshold: Threshold) -> User | None:
    """Whoever left is named in vain."""
    return threshold.owner if threshold.owner and threshold.owner.is_active else None
