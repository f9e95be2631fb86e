"""The two campaigns as they would have run for most of a year. They are history: paused, and nothing of them is sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import presets, publishing
from campaigns.models import (
    Campaign,
    CampaignVersion,
    Delivery,
    Enrollment,
    Message,
    Step,
    StepKind,
    Template,
)
from campaigns.models.campaign import CampaignStatus
from campaigns.triggers import StageEntered, trigger_of
from clm.demo.models import Made
from clm.demo.staff import marketer
from customers.intake import statements
from customers.models import Customer

RUNS_FOR = 300  # days
QUIET = (21, 8)
BOUNCES = 0.006
ACCEPTED, REFUSAL = "2.0.0 Ok", "5.1.1 The e-mail address does not exist"


@dataclass
class Run:
    """What happened to one customer in one campaign; the message of each step that was reached."""

    customer: int
    matched_at: datetime
    entered_at: datetime
    position: int = 0
    next_step_at: datetime | None = None
    finished_at: datetime | None = None
    outcome: str = ""
    messages: list["Sent"] = field(default_factory=list)


@dataclass
class Sent:
    step: Step
    queued_at: datetime
    state: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Entrant:
    customer: int
    entered_at: datetime
    zone: str
    email: str
    stops_at: datetime | None
    consented_at: datetime | None
    withdrawn_at: datetime | None


@transaction.atomic
def make_campaigns(until: datetime, seed: int) -> None:
    """Once: a campaign that is there already stays as it is."""
    for slug in presets.shipped():
        if not Campaign.objects.filter(preset=slug).exists():
            _run(slug, until, Random(f"{seed}/{slug}"))


def _run(slug: str, until: datetime, rng: Random) -> None:
    known = set(Template.objects.values_list("pk", flat=True))
    by = marketer()
    campaign = presets.install(slug, by=by)
    version = publishing.publish(campaign, by=by)
    Made.objects.note(Campaign, [campaign.pk])
    Made.objects.note(Template, Template.objects.exclude(pk__in=known).values_list("pk", flat=True))
    launched = until - timedelta(days=RUNS_FOR)
    campaign.status, campaign.launched_at, campaign.entrants_since = CampaignStatus.PAUSED, launched, launched
    campaign.paused_at, campaign.pause_reason = (
        until,
        _("The demo stops here: nothing is sent until you resume it."),
    )
    campaign.save()
    CampaignVersion.objects.filter(pk=version.pk).update(published_at=launched)
    steps = list(version.steps.all())
    runs = [_lived(entrant, steps, until, rng) for entrant in _entrants(version, launched)]
    _write(campaign, version, runs)


def _entrants(version: CampaignVersion, since: datetime) -> Iterator[Entrant]:
    """Everybody who came to the stages since then, at their first coming."""
    trigger = trigger_of(version)
    if not isinstance(trigger, StageEntered):
        raise TypeError("Both campaigns wait for stages.")
    for row in statements.rows(
        """
        SELECT DISTINCT ON (p.customer_id) p.customer_id, p.entered_at, c.zone, c.email,
            (SELECT min(o.occurred_at) FROM customers_order o
             WHERE o.customer_id = p.customer_id AND o.occurred_at > p.entered_at AND o.superseded_at IS NULL),
            (SELECT min(s.occurred_at) FROM customers_consent s WHERE s.customer_id = p.customer_id
             AND s.purpose = 'marketing' AND s.is_given AND s.superseded_at IS NULL),
            (SELECT max(s.occurred_at) FROM customers_consent s WHERE s.customer_id = p.customer_id
             AND s.purpose = 'marketing' AND NOT s.is_given AND s.superseded_at IS NULL)
        FROM lifecycle_stageperiod p JOIN customers_customer c ON c.id = p.customer_id
        WHERE p.superseded_at IS NULL AND p.stage_id = ANY(%s) AND p.entered_at >= %s
        ORDER BY p.customer_id, p.entered_at
        """,
        [[stage.pk for stage in trigger.stages], since],
    ):
        yield Entrant(*row)


def _lived(entrant: Entrant, steps: list[Step], until: datetime, rng: Random) -> Run:
    """Step by step until the steps, the customer's patience or the story end."""
    at = min(entrant.entered_at + timedelta(seconds=rng.randrange(95, 150)), until)
    run = Run(entrant.customer, entrant.entered_at, at)
    for step in steps:
        if step.kind == StepKind.WAIT:
            at, run.position = at + step.wait, step.position + 1
            continue
        if _has_ended(run, entrant, at):
            return run
        if at >= until:
            run.next_step_at = at
            return run
        run.messages.append(_sent(entrant, step, at, until, rng))
        run.position = step.position + 1
        if run.messages[-1].state == "held":
            run.next_step_at = until
            return run
    run.finished_at, run.outcome = at, "completed"
    return run


def _has_ended(run: Run, entrant: Entrant, due: datetime) -> bool:
    """Before the next message the order came, or they unsubscribed."""
    for at, outcome in ((entrant.stops_at, "exit"), (entrant.withdrawn_at, "unsubscribed")):
        if at and run.entered_at < at <= due:
            run.finished_at, run.outcome = at, outcome
            return True
    return False


def _sent(entrant: Entrant, step: Step, due: datetime, until: datetime, rng: Random) -> Sent:
    at = _awake(due, entrant.zone) + timedelta(seconds=rng.randrange(3, 40))
    if entrant.consented_at is None or entrant.consented_at > due:
        return Sent(step, due, "suppressed", "no_consent", due)
    if entrant.withdrawn_at and entrant.withdrawn_at <= due:
        return Sent(step, due, "suppressed", "unsubscribed", due)
    if at >= until:
        return Sent(step, due, "held", "quiet_hours", at)
    if rng.random() < BOUNCES:
        return Sent(step, due, "failed", "refused", at)
    return Sent(step, due, "sent", "", at)


def _awake(at: datetime, zone: str) -> datetime:
    """The first moment that is not in the quiet hours."""
    evening, morning = QUIET
    local = at.astimezone(ZoneInfo(zone or "UTC"))
    if morning <= local.hour < evening:
        return at
    day = local.date() + timedelta(days=1 if local.hour >= evening else 0)
    return datetime.combine(day, time(morning), tzinfo=local.tzinfo).astimezone(UTC)


def _write(campaign: Campaign, version: CampaignVersion, runs: list[Run]) -> None:
    made = Enrollment.objects.bulk_create(
        Enrollment(
            campaign=campaign,
            version=version,
            customer_id=run.customer,
            original_customer_id=run.customer,
            matched_at=run.matched_at,
            entered_at=run.entered_at,
            position=run.position,
            next_step_at=run.next_step_at,
            finished_at=run.finished_at,
            outcome=run.outcome,
        )
        for run in runs
    )
    pairs = [(run, sent) for run, lived in zip(made, runs, strict=True) for sent in lived.messages]
    addresses = dict(
        Customer.objects.filter(pk__in=[run.customer_id for run in made]).values_list("pk", "email")
    )
    messages = Message.objects.bulk_create(
        _message(campaign, run, sent, addresses[run.customer_id]) for run, sent in pairs
    )
    Delivery.objects.bulk_create(_delivery(message) for message in messages if message.handed_at)


def _message(campaign: Campaign, run: Enrollment, sent: Sent, address: str) -> Message:
    left = sent.state in ("sent", "failed")
    return Message(
        campaign=campaign,
        enrollment=run,
        step=sent.step,
        text_id=sent.step.frozen_id,
        customer_id=run.customer_id,
        original_customer_id=run.customer_id,
        address=address,
        state=sent.state,
        reason=sent.reason,
        words=REFUSAL if sent.state == "failed" else ACCEPTED if left else "",
        dedupe_key=f"campaign:{sent.step.pk}:{run.customer_id}:{run.pk}",
        message_id=f"<demo-{run.pk}-{sent.step.position}@example.com>",
        attempts=int(left),
        queued_at=sent.queued_at,
        not_before=sent.at,
        expires_at=sent.queued_at + timedelta(days=3),
        handed_at=sent.at if left else None,
        sent_at=sent.at if sent.state == "sent" else None,
        settled_at=None if sent.state == "held" else sent.at,
    )


def _delivery(message: Message) -> Delivery:
    """What the mail server would have said."""
    kind, code = ("sent", 250) if message.state == "sent" else ("failed", 550)
    return Delivery(
        message=message, kind=kind, occurred_at=message.not_before, code=code, words=message.words
    )
