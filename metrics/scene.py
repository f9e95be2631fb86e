"""What every page about numbers knows: who asks, when, about which period, and the choices at its head."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from clm.accounts.models import Organisation, User
from clm.accounts.permissions import Capability, may
from clm.base import clock
from clm.base.context import address
from clm.base.days import day_of, end_of
from customers.models import Customer, Order, Segment
from metrics.answer import Answer
from metrics.asking import Asking, asking
from metrics.names import Names
from metrics.periods import PRESETS, Usual
from metrics.question import UNATTRIBUTED, Asked, QuestionError, Setting


@dataclass
class Scene:
    user: User
    parameters: Mapping[str, str]
    setting: Setting
    names: Names = field(default_factory=Names)
    error: QuestionError | None = None
    usual: Usual = Usual.RECENT

    @classmethod
    def of(cls, request: HttpRequest, user: User, *, usual: Usual = Usual.RECENT) -> "Scene":
        """One query."""
        known: Organisation | None = getattr(request, "organisation", None)
        setting = Setting(known or Organisation.objects.current(), clock.now())
        return cls(user, request.GET.dict(), setting, usual=usual)

    @cached_property
    def newest(self) -> datetime | None:
        """When the newest order was of the customers whom the user sees."""
        before = Order.objects.live().filter(occurred_at__lt=self.setting.end_of_today)
        if self.user.is_restricted:
            before = before.filter(customer__in=Customer.objects.visible_to(self.user))
        return before.order_by("-occurred_at").values_list("occurred_at", flat=True).first()

    @cached_property
    def asking(self) -> Asking:
        """A question that makes no sense is kept as `error`, and the usual one asked instead."""
        try:
            found = self._asking(self.parameters)
        except QuestionError as error:
            self.error = error
            found = self._asking({})
        self.names.of(found.question.model)
        return found

    def forget(self) -> None:
        """Ask the usual question instead: the one asked for makes no sense where it was asked."""
        self.parameters = {}
        del self.asking
        self.names.of(self.asking.question.model)

    def _asking(self, parameters: Mapping[str, str]) -> Asking:
        return asking(
            parameters,
            setting=self.setting,
            user=self.user,
            names=self.names,
            newest=self.newest,
            usual=self.usual,
        )

    @property
    def presets(self) -> list[tuple[str, object, str]]:
        return [(name, label, self._link(period=name, **_NO_DAYS)) for name, label in PRESETS.items()]

    @property
    def previous(self) -> str:
        return self._shifted(-1)

    @property
    def next(self) -> str:
        """Nothing when that would lie in the future."""
        return self._shifted(1) if self.asking.period.last < self.setting.today else ""

    def _shifted(self, steps: int) -> str:
        period = self.asking.period.shifted(steps)
        return self._link(period=None, **{"from": str(period.first), "to": str(period.last), "as_of": None})

    def _link(self, **changes: str | None) -> str:
        kept = {name: value for name, value in self.parameters.items() if value} | changes
        return "?" + urlencode({name: value for name, value in kept.items() if value})

    @property
    def as_of_day(self) -> date | None:
        as_of = self.asking.question.as_of
        return day_of(as_of, self.setting.organisation.tz) if as_of else None

    @property
    def known_at_day(self) -> date | None:
        known_at = self.asking.question.known_at
        return day_of(known_at, self.setting.organisation.tz) if known_at else None

    @property
    def last_day(self) -> date:
        """The day that states are shown as of."""
        return self.as_of_day or min(self.asking.period.last, self.setting.today)

    @property
    def period_end(self) -> date:
        """The last day that what happened in the period is shown of."""
        return min(self.asking.period.last, self.as_of_day or self.setting.today)

    @property
    def period_name(self) -> str:
        return str(PRESETS.get(self.asking.preset, ""))

    @property
    def filter_count(self) -> int:
        question = self.asking.question
        asked = (question.as_of, question.known_at, question.country, question.channel, question.segment)
        return sum(map(bool, (*asked, question.survey)))

    @property
    def country_name(self) -> str:
        return self.names.country(self.asking.question.country)

    @property
    def channel_name(self) -> str:
        slug = self.asking.question.channel
        return next(
            (channel.name for channel in self.names.channels if channel.slug == slug), _("Unattributed")
        )

    @property
    def segments(self) -> list[Segment]:
        return self.names.segments(self.user)

    @property
    def currency(self) -> str:
        return str(self.setting.organisation.currency)

    @property
    def stage_list_url(self) -> str:
        """The customer list by stage, where it shows the same customers: now, unfiltered."""
        model = self.asking.question.model
        is_present = self.last_day == self.setting.today and not self.filter_count
        if not model or not is_present:
            return ""
        return (
            f"{address('customers')}?stage="
            if model.is_primary
            else f"{address('customers')}?placed={model.slug}:"
        )

    @property
    def models_url(self) -> str:
        return address("lifecycle-models") if may(self.user, Capability.EDIT_MODELS) else ""

    @property
    def import_url(self) -> str:
        return address("import-new") if may(self.user, Capability.IMPORT) else ""

    @property
    def unattributed(self) -> str:
        return UNATTRIBUTED

    @property
    def exports(self) -> bool:
        return may(self.user, Capability.EXPORT)

    @property
    def reads_metrics(self) -> bool:
        return may(self.user, Capability.VIEW_METRICS)

    def csv_of(self, answer: Answer) -> str:
        return address_of(answer.asked, format="csv") if self.exports and self.reads_metrics else ""


_NO_DAYS: dict[str, str | None] = {"from": None, "to": None}


def address_of(asked: Asked, **more: str) -> str:
    """The page of the metric with this very question."""
    question, zone = asked.question, asked.setting.organisation.tz
    last = day_of(question.end, zone)
    wanted = {
        "from": str(question.start.astimezone(zone).date()),
        "to": str(last),
        "as_of": _clock(asked.as_of, asked),
        "known_at": _clock(question.known_at, asked),
        "breakdown": question.breakdown,
        "model": question.model.slug if question.model else None,
        "country": question.country,
        "channel": question.channel,
        "variant": question.variant,
        "survey": question.survey,
        "segment": question.segment.slug if question.segment else None,
        "stage": question.stage.slug if question.stage else None,
        "target": question.target.name if question.target else None,
        "days": str(question.days) if question.days else None,
    }
    kept = {name: value for name, value in wanted.items() if value} | more
    return f"{reverse('metric', args=[asked.definition.slug])}?{urlencode(kept)}"


def _clock(instant: datetime | None, asked: Asked) -> str | None:
    """A day when it is the end of one, else the instant."""
    if instant is None:
        return None
    zone = asked.setting.organisation.tz
    day = day_of(instant, zone)
    return str(day) if end_of(day, zone) == instant else instant.isoformat()
