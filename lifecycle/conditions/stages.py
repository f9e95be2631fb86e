from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clm.base.conditions import WITHIN, Asked, Condition, Evidence, FactRef, Node, offer, parameter
from clm.base.days import StartOfDay, start_of
from customers.fact_addresses import fact_address
from lifecycle.models import LifecycleModel, Stage, StagePeriod
from lifecycle.models.stage import StageQuerySet

MOST_DAYS = 36_500


@dataclass(frozen=True, kw_only=True)
class AskedOfMove(Asked):
    """Asked of a move in a model: where a customer is in it means just before the move, in the stay that it ended."""

    model: str
    ended: StagePeriod | None


@dataclass(frozen=True)
class OfStages(Condition):
    family = gettext_lazy("Stages")
    model: str = parameter(gettext_lazy("lifecycle model"), steers=True)
    stages: tuple[str, ...] = parameter(gettext_lazy("stages"))

    @classmethod
    def offers(cls, name: str, given: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
        within = given.get(WITHIN, "")
        if name == "model":
            models = LifecycleModel.objects.filter(Q(slug=within) | Exists(_askable(OuterRef("slug"))))
            return [(model.slug, str(model)) for model in models.order_by("-is_primary", "pk")]
        if name == "stages":
            stages = _askable(given.get("model", ""), within).in_order()
            return [(stage.slug, stage.offered_as) for stage in stages]
        return ()

    @classmethod
    def hides(cls, name: str, given: Mapping[str, Any]) -> bool:
        return name == "stages" and not given.get("model")

    @cached_property
    def _of_model(self) -> list[Stage]:
        """Read once, to vet the test and to tell it in words: a tree lives no longer than a request."""
        return list(Stage.objects.filter(model__slug=self.model).in_order())

    def misfits(self, within: str = "") -> Iterator[tuple[str, str]]:
        slugs = [stage.slug for stage in self._of_model if self.model == within or not stage.is_drafted]
        known = [] if slugs else LifecycleModel.objects.order_by("pk").values_list("slug", flat=True)
        if slugs or self.model in known:
            yield from self.misfits_among(slugs)
            return
        reason = _("There is no lifecycle model “%(model)s”. There are: %(known)s.")
        yield "model", reason % {"model": self.model, "known": ", ".join(known)}

    def misfits_among(self, known: Iterable[str]) -> Iterator[tuple[str, str]]:
        slugs = list(known)
        for slug in self.stages:
            if slug not in slugs:
                reason = _("The model “%(model)s” has no stage “%(slug)s”. There are: %(known)s.")
                yield "stages", reason % {"model": self.model, "slug": slug, "known": ", ".join(slugs)}

    def _names(self) -> str:
        stages = {stage.slug: str(stage) for stage in self._of_model}
        return _(" or ").join(stages.get(slug, slug) for slug in self.stages)

    def _periods(self, known_at: datetime | None) -> QuerySet[StagePeriod]:
        return StagePeriod.objects.known(known_at).filter(stage__slug__in=self.stages, model__slug=self.model)


@dataclass(frozen=True)
class KnownStages:
    """The stages of a model, by its slug, that somebody has at hand: tests that ask for some need not read them."""

    model: str
    stages: Sequence[Stage]

    def name_in(self, tree: Node) -> None:
        """Let a tree that was just parsed call them by their names."""
        for leaf in tree.leaves():
            if isinstance(leaf.condition, OfStages) and leaf.condition.model == self.model:
                vars(leaf.condition)["_of_model"] = list(self.stages)


def _askable(slug: str | OuterRef, within: str = "") -> StageQuerySet:
    """Its stages that may be asked for; those that only a draft has so far are for its own rules."""
    stages = Stage.objects.filter(model__slug=slug)
    return stages if slug == within else stages.settled()


@offer
@dataclass(frozen=True)
class InStage(OfStages):
    """In one of the stages of a model, for at least so many days. In rules of that model the walk answers it itself."""

    name = "in_stage"
    label = gettext_lazy("Is in a stage")
    for_days: int = parameter(gettext_lazy("for days"), minimum=0, maximum=MOST_DAYS, default=0)

    def to_q(self, asked: Asked) -> Q:
        bound = asked.bound()
        lasts = Q(left_at=None) | Q(left_at__gte=bound)
        if asked.known_at is not None:  # closed later than that: open as far as anybody knew
            lasts |= Q(left_at__gt=asked.known_at)
        periods = self._periods(asked.known_at).filter(lasts, entered_at__lt=bound, customer_id=asked.whose())
        if self.for_days:
            # entered on or before the day so many days ago
            periods = periods.filter(entered_at__lt=asked.days_ago(self.for_days - 1))
        return Q(Exists(periods))

    def holds_in(self, stage: str, entered_at: datetime, at: datetime, zone: ZoneInfo) -> bool:
        """The same test for a stay that the walk is in, just after `at`."""
        if stage not in self.stages:
            return False
        return (at.astimezone(zone).date() - entered_at.astimezone(zone).date()).days >= self.for_days

    def due_in(self, stage: str, entered_at: datetime, zone: ZoneInfo) -> datetime | None:
        if stage not in self.stages or not self.for_days:
            return None
        return start_of(entered_at.astimezone(zone).date() + timedelta(days=self.for_days), zone)

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        periods = self._periods(known_at)
        return [
            periods.values_list("customer_id", "entered_at"),
            periods.exclude(left_at=None).values_list("customer_id", "left_at"),
            periods.values_list("customer_id", StartOfDay(F("entered_at"), zone, days=self.for_days)),
        ]

    def sentence(self) -> str:
        text = _("is in %(stages)s") % {"stages": self._names()}
        if not self.for_days:
            return text
        days = ngettext("for at least %(n)s day", "for at least %(n)s days", self.for_days) % {
            "n": self.for_days
        }
        return f"{text} {days}"

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        period = self._stay(customer, asked)
        if period is None:
            return Evidence(_("has no stage yet"), self.sentence())
        have = _("is in %(stage)s since %(day)s") % {
            "stage": period.stage,
            "day": period.entered_at.astimezone(ZoneInfo(asked.zone)).date(),
        }
        return Evidence(have, self.sentence(), [_reference(period)] if period.pk else [])

    def _stay(self, customer: Model, asked: Asked) -> StagePeriod | None:
        if isinstance(asked, AskedOfMove) and asked.model == self.model:
            return asked.ended
        periods = StagePeriod.objects.at(asked.instant, asked.known_at)
        return periods.filter(customer_id=customer.pk, model__slug=self.model).select_related("stage").first()


def _reference(period: StagePeriod) -> FactRef:
    address = fact_address(period.customer_id, f"stage-{period.pk}", period.entered_at)
    return FactRef(str(period.stage), period.entered_at, address)


def own_of(conditions: Iterable[Condition], model: str) -> list[InStage]:
    """Those on the stages of the model whose rules ask: its walk answers them."""
    return [
        condition for condition in conditions if isinstance(condition, InStage) and condition.model == model
    ]


@offer
@dataclass(frozen=True)
class WasInStage(OfStages):
    """Entered one of the stages of a model, ever or in the last days."""

    name = "was_in_stage"
    label = gettext_lazy("Was in a stage")
    within_days: int | None = parameter(
        gettext_lazy("in the last days"), minimum=1, maximum=MOST_DAYS, default=None
    )

    def to_q(self, asked: Asked) -> Q:
        periods = self._periods(asked.known_at).filter(
            entered_at__lt=asked.bound(), customer_id=asked.whose()
        )
        if self.within_days is not None:
            recent = Q(left_at=None) | Q(left_at__gt=asked.days_ago(self.within_days))
            if asked.known_at is not None:  # left later than that: still there as far as anybody knew
                recent |= Q(left_at__gt=asked.known_at)
            periods = periods.filter(recent)
        return Q(Exists(periods))

    def changes(self, *, zone: str, known_at: datetime | None) -> list[QuerySet[Any, Any]]:
        periods = self._periods(known_at)
        moments = [periods.values_list("customer_id", "entered_at")]
        if self.within_days is not None:
            left = periods.exclude(left_at=None)
            falls_out = StartOfDay(F("left_at"), zone, days=self.within_days)
            moments.append(left.values_list("customer_id", falls_out))
            next_day = StartOfDay(F("left_at"), zone, days=self.within_days + 1)
            moments.append(left.values_list("customer_id", next_day))
        return moments

    def sentence(self) -> str:
        text = _("was in %(stages)s") % {"stages": self._names()}
        if self.within_days is None:
            return text
        days = self.within_days
        return text + " " + ngettext("in the last %(n)s day", "in the last %(n)s days", days) % {"n": days}

    def evidence(self, customer: Model, asked: Asked, *, holds: bool) -> Evidence:
        periods = self._periods(asked.known_at).filter(entered_at__lt=asked.instant, customer_id=customer.pk)
        rows = list(periods.select_related("stage").order_by("-entered_at")[:10])
        have = ngettext("%(n)s such stay", "%(n)s such stays", len(rows)) % {"n": len(rows)}
        missing = "" if rows else self.sentence()
        return Evidence(have, missing, [_reference(row) for row in rows])
