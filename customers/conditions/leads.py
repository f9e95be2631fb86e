"""Leads: what a customer's leads were at the instant asked about."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, Model, Q, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from clm.accounts.models import User
from clm.base.conditions import Asked, Condition, Evidence, FactRef, offer, parameter
from clm.base.conditions.windows import in_the_last
from clm.base.days import StartOfDay
from customers.models import Channel, LeadState, LeadStatus, LeadStep
from customers.models.lead_state import LeadStateQuerySet
from customers.models.lead_status import OPEN

MOST_DAYS = 36_500
SHOWN = 10


def _statuses() -> Sequence[str]:
    return LeadStatus.values


@dataclass(frozen=True)
class _Leads(Condition):
    """What all tests of leads share: which states count."""

    family = gettext_lazy("Leads")

    @abstractmethod
    def states(self, asked: Asked) -> LeadStateQuerySet:
        """Those that make it true, one for each lead, of whomever; bounds as `asked` has them."""

    def to_q(self, asked: Asked) -> Q:
        return Q(Exists(self.states(asked).filter(customer_id=asked.whose())))

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        return [LeadState.objects.known(known_at).values_list("customer_id", "occurred_at")]

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        rows = list(
            self.states(asked)
            .filter(customer_id=customer.pk)
            .select_related("lead", "lead__customer")
            .order_by("-occurred_at")[:SHOWN]
        )
        n = len(rows)
        have = ngettext("%(n)s such lead", "%(n)s such leads", n) % {"n": n} if n else _("no such lead")
        return Evidence(have, "" if rows else self.sentence(), [_reference(state) for state in rows])


def _reference(state: LeadState) -> FactRef:
    label = _("Lead %(lead)s: %(status)s") % {"lead": state.lead, "status": state.get_status_display()}
    return FactRef(label, state.occurred_at, f"/leads/{state.lead_id}/")


@offer
@dataclass(frozen=True)
class HasLead(_Leads):
    """A lead that was, at that instant, all of this at once. The value is in the reporting currency."""

    name = "lead"
    label = gettext_lazy("Has a lead")
    status: tuple[str, ...] = parameter(gettext_lazy("status"), choices=_statuses, default=())
    owner: int | None = parameter(gettext_lazy("owner"), minimum=1, maximum=2**31 - 1, default=None)
    source: str = parameter(gettext_lazy("source"), default="")
    value_at_least: Decimal | None = parameter(gettext_lazy("value at least"), minimum=0, default=None)
    opened_within_days: int | None = parameter(
        gettext_lazy("opened in the last days"), minimum=1, maximum=MOST_DAYS, default=None
    )

    @classmethod
    def offers(cls, name: str, given: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
        if name == "status":
            return LeadStatus.choices
        if name == "owner":
            return [(str(user.pk), str(user)) for user in User.objects.filter(is_active=True)]
        if name == "source":
            return list(Channel.objects.values_list("slug", "name"))
        return ()

    def misfits(self, within: str = "") -> Iterator[tuple[str, str]]:
        if self.owner is not None and not User.objects.filter(pk=self.owner).exists():
            yield "owner", _("There is no user %(number)s.") % {"number": self.owner}
        if self.source and not Channel.objects.filter(slug=self.source).exists():
            known = list(Channel.objects.order_by("slug").values_list("slug", flat=True)[: SHOWN + 1])
            known[SHOWN:] = ["…"] if len(known) > SHOWN else []
            reason = _("There is no source “%(source)s”. There are: %(known)s.")
            yield "source", reason % {"source": self.source, "known": ", ".join(known) or "–"}

    def states(self, asked: Asked) -> LeadStateQuerySet:
        states = LeadState.objects.holding(asked.bound(), asked.known_at)
        if self.status:
            states = states.filter(status__in=self.status)
        if self.owner is not None:
            states = states.filter(owner=self.owner)
        if self.source:
            states = states.filter(channel__slug=self.source)
        if self.value_at_least is not None:
            states = states.filter(value_reporting__gte=self.value_at_least)
        if self.opened_within_days is not None:
            states = states.filter(lead__opened_at__gte=asked.days_ago(self.opened_within_days))
        return states

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        moments = super().changes(zone=zone, known_at=known_at)
        if self.opened_within_days is not None:
            opened = LeadState.objects.known(known_at).filter(step=LeadStep.OPENED)
            falls_out = StartOfDay(F("lead__opened_at"), zone, days=self.opened_within_days + 1)
            moments.append(opened.values_list("customer_id", falls_out))
        return moments

    def sentence(self) -> str:
        return ", ".join([_("has a lead"), *self._parts()])

    def _parts(self) -> list[str]:
        parts = []
        if self.status:
            labels = [str(LeadStatus(status).label).lower() for status in self.status]
            parts.append(_("status %(status)s") % {"status": _(" or ").join(labels)})
        if self.owner is not None:
            owner = User.objects.filter(pk=self.owner).first() or f"#{self.owner}"
            parts.append(_("owner %(owner)s") % {"owner": owner})
        if self.source:
            parts.append(_("source %(source)s") % {"source": self.source})
        if self.value_at_least is not None:
            amount = number_format(self.value_at_least, use_l10n=True, force_grouping=True)
            parts.append(_("value at least %(amount)s") % {"amount": amount})
        if self.opened_within_days is not None:
            parts.append(in_the_last(pgettext("a lead", "opened"), self.opened_within_days))
        return parts


@offer
@dataclass(frozen=True)
class HasOpenLead(_Leads):
    name = "open_lead"
    label = gettext_lazy("Has an open lead")

    def states(self, asked: Asked) -> LeadStateQuerySet:
        return LeadState.objects.holding(asked.bound(), asked.known_at).filter(status__in=OPEN)

    def sentence(self) -> str:
        return _("has an open lead")


@offer
@dataclass(frozen=True)
class LeadQualified(_Leads):
    """By a person, or by a proposal that was made at once."""

    name = "lead_qualified"
    label = gettext_lazy("A lead was qualified")
    within_days: int | None = parameter(
        gettext_lazy("in the last days"), minimum=1, maximum=MOST_DAYS, default=None
    )

    def _qualifying(self, known_at: datetime | None) -> LeadStateQuerySet:
        return LeadState.objects.known(known_at).filter(step__in=[LeadStep.QUALIFIED, LeadStep.PROPOSED])

    def states(self, asked: Asked) -> LeadStateQuerySet:
        states = self._qualifying(asked.known_at).before(asked.bound())
        if self.within_days is None:
            return states
        return states.filter(occurred_at__gte=asked.days_ago(self.within_days))

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        states = self._qualifying(known_at)
        moments: list[QuerySet[Any, Any]] = [states.values_list("customer_id", "occurred_at")]
        if self.within_days is not None:
            falls_out = StartOfDay(F("occurred_at"), zone, days=self.within_days + 1)
            moments.append(states.values_list("customer_id", falls_out))
        return moments

    def sentence(self) -> str:
        return in_the_last(_("a lead was qualified"), self.within_days)
