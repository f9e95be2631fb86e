"""What would happen if a campaign were started now: asked with the same code that lets customers in."""

from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, F, Func, OuterRef, Q, Subquery, Value, When
from django.utils.functional import Promise

from campaigns.enrolling import entrants
from campaigns.lacking import Lack, lacks
from campaigns.leaving import Ends
from campaigns.models import Campaign, CampaignVersion, Reason, SendingRules, Suppression, TemplateText
from clm.base import clock
from clm.base.facts import BEGINNING
from customers.models import Consent, Customer

CONFIRMED_ABOVE = 1000


@dataclass(frozen=True)
class Exclusion:
    reason: str | Promise
    number: int


@dataclass(frozen=True)
class Preflight:
    """`present` are in the stage or segment now, `enter` of them would be let in, `reachable` of these get a mail.

    `lacks` are the placeholders of its mails that stay empty for some of those who would be let in.
    """

    present: int
    enter: int
    reachable: int
    exclusions: list[Exclusion]
    rules: SendingRules
    lacks: list[Lack]

    @property
    def kept_out(self) -> int:
        return self.present - self.enter

    @property
    def needs_confirmation(self) -> bool:
        return self.enter > CONFIRMED_ABOVE


def preflight(campaign: Campaign, version: CampaignVersion) -> Preflight:
    """Raises InvalidTrigger, InvalidCondition."""
    at = clock.now()
    imagined = copy(campaign)
    imagined.entrants_since = BEGINNING
    version.campaign = imagined
    chosen = entrants(imagined, version, at)
    numbers = dict(_reachable(campaign, chosen.values("customer")))
    enter = sum(numbers.values())
    exclusions = [
        Exclusion(Reason(reason).label, number) for reason, number in sorted(numbers.items()) if reason
    ]
    present = Ends.of(version).trigger.stays().count()
    lacking = lacks(_texts(version), Customer.objects.filter(pk__in=chosen.values("customer")))
    return Preflight(present, enter, numbers.get("", 0), exclusions, SendingRules.objects.current(), lacking)


def _texts(version: CampaignVersion) -> list[TemplateText]:
    return list(TemplateText.objects.filter(template__in=version.steps.values("template")))


class _AddressKey(Func):
    """As `address_key`, but for domains that are not ASCII; hand-over asks exactly."""

    template = r"regexp_replace(lower(%(expressions)s), '\+[^@]*@', '@')"
    output_field = CharField()


def _reachable(campaign: Campaign, customers: Any) -> Any:
    """(reason, number): why the first message would not go; "" for those it would reach."""
    said = Consent.objects.live().filter(customer=OuterRef("pk"), purpose=campaign.purpose)
    barred = Suppression.objects.live().values("address")
    rows = Customer.objects.filter(pk__in=customers).annotate(
        consent=Subquery(said.order_by("-occurred_at", "-pk").values("is_given")[:1]),
        address_key=_AddressKey(F("email")),
    )
    reason = Case(
        When(email="", then=Value(Reason.NO_ADDRESS.value)),
        When(address_key__in=barred, then=Value(Reason.SUPPRESSED.value)),
        When(Q(consent=False), then=Value(Reason.UNSUBSCRIBED.value)),
        When(Q(consent=None), then=Value(Reason.NO_CONSENT.value)),
        default=Value(""),
        output_field=CharField(),
    )
    return rows.values_list(reason).annotate(n=Count("pk")).order_by()
