"""How a campaign is doing: numbers for its list, its page and its steps."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.models import Campaign, CampaignVersion, Enrollment, Message, MessageState, Step

NOT_SENT = (MessageState.SUPPRESSED, MessageState.CAPPED, MessageState.EXPIRED, MessageState.CANCELLED)


@dataclass
class Counts:
    """Of one step or campaign: runs that stand there now, and messages by what became of them."""

    here: int = 0
    waiting: int = 0
    sent: int = 0
    failed: int = 0
    in_doubt: int = 0
    not_sent: int = 0


@dataclass
class Standing:
    """Of a campaign: runs going on, where those of the shown version stand, and runs ended by how."""

    active: int = 0
    entered: int = 0
    on_older_versions: int = 0
    at: dict[int, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)


def for_list(campaigns: "QuerySet[Campaign]") -> "QuerySet[Campaign]":
    """With `active`, `sent`, `failed` and `in_doubt`."""
    return campaigns.annotate(
        active=_number(Enrollment.objects.active()),
        sent=_number(Message.objects.filter(state=MessageState.SENT)),
        failed=_number(Message.objects.filter(state=MessageState.FAILED)),
        in_doubt=_number(Message.objects.in_doubt()),
    )


def newest_versions(campaigns: list[int]) -> dict[int, CampaignVersion]:
    """By the campaign's id. One query."""
    rows = CampaignVersion.objects.filter(campaign__in=campaigns).order_by("campaign", "-number")
    return {version.campaign_id: version for version in rows.distinct("campaign")}


def _number(rows: "QuerySet[Enrollment] | QuerySet[Message]") -> Coalesce:
    counted = (
        rows.filter(campaign=OuterRef("pk")).order_by().values("campaign").annotate(n=Count("pk")).values("n")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def by_step(campaign: Campaign, found: Standing, steps: Iterable[Step]) -> dict[int, Counts]:
    """By the step's id, for these steps and all that have sent something. One query."""
    counts: dict[int, Counts] = defaultdict(Counts)
    for step in steps:
        counts[step.pk].here = found.at.get(step.position, 0)
    rows = Message.objects.filter(campaign=campaign).values_list("step", "state").annotate(n=Count("pk"))
    for step_id, state, number in rows.order_by():
        add(counts[step_id], state, number)
    return counts


def add(counts: Counts, state: str, number: int) -> None:
    name = {
        MessageState.SENT: "sent",
        MessageState.FAILED: "failed",
        MessageState.IN_DOUBT: "in_doubt",
    }.get(MessageState(state)) or ("not_sent" if state in NOT_SENT else "waiting")
    setattr(counts, name, getattr(counts, name) + number)


def standing(campaign: Campaign, shown: CampaignVersion | None) -> Standing:
    """One query."""
    rows = Enrollment.objects.filter(campaign=campaign).values_list("outcome", "version", "position")
    found = Standing()
    for outcome, version, position, number in rows.annotate(n=Count("pk")).order_by():
        found.entered += number
        if outcome:
            found.ended[outcome] = found.ended.get(outcome, 0) + number
            continue
        found.active += number
        if shown and version == shown.pk:
            found.at[position] = found.at.get(position, 0) + number
        else:
            found.on_older_versions += number
    return found


def total(counts: Iterable[Counts]) -> Counts:
    found = Counts()
    for each in counts:
        for name in vars(found):
            setattr(found, name, getattr(found, name) + getattr(each, name))
    return found
