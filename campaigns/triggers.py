"""Who enters a campaign: the stored trigger of a version, read and asked."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.models import CampaignVersion, TriggerKind
from customers.models.segment import Segment, SegmentMember
from lifecycle.models import LifecycleModel, Stage, StagePeriod


class InvalidTrigger(ValueError):
    """A trigger that can't be used; the message says what is wrong and what would be right."""


class Trigger(ABC):
    """What lets customers in. Its rows are stays, of customers who are still there."""

    @abstractmethod
    def stays(self) -> QuerySet[Any]:
        """The open stays, with `customer` and `entered_at`; at most one of each customer."""

    @abstractmethod
    def sentence(self) -> str: ...

    def is_out(self) -> Q:
        """Over enrollments: the customer is not there any more."""
        return ~Q(Exists(self.stays().filter(customer=OuterRef("customer"))))


@dataclass(frozen=True)
class StageEntered(Trigger):
    model: LifecycleModel
    stages: tuple[Stage, ...]

    def stays(self) -> QuerySet[StagePeriod]:
        open_periods = StagePeriod.objects.live().filter(left_at=None)
        return open_periods.filter(model=self.model, stage__in=[stage.pk for stage in self.stages])

    def sentence(self) -> str:
        names = _(" or ").join(str(stage) for stage in self.stages)
        return _("Customers who enter %(stages)s") % {"stages": names}


@dataclass(frozen=True)
class SegmentEntered(Trigger):
    segment: Segment

    def stays(self) -> QuerySet[SegmentMember]:
        return SegmentMember.objects.filter(segment=self.segment).open()

    def sentence(self) -> str:
        return _("Customers who enter the segment “%(segment)s”") % {"segment": self.segment}


def trigger_of(version: CampaignVersion) -> Trigger:
    """Raises InvalidTrigger."""
    stored = version.trigger
    kind = stored.get("kind") if isinstance(stored, dict) else None
    if kind == TriggerKind.STAGE_ENTERED:
        return _stage_entered(stored)
    if kind == TriggerKind.SEGMENT_ENTERED:
        return _segment_entered(stored)
    raise InvalidTrigger(_("Choose what lets customers in: entering a stage or entering a segment."))


def _stage_entered(stored: dict[str, Any]) -> StageEntered:
    slug, wanted = stored.get("model"), stored.get("stages")
    model = LifecycleModel.objects.filter(slug=slug).first() if slug else LifecycleModel.objects.primary()
    if model is None:
        raise InvalidTrigger(_("There is no lifecycle model “%(model)s”.") % {"model": slug or ""})
    if not isinstance(wanted, list) or not wanted:
        raise InvalidTrigger(_("Choose at least one stage."))
    stages = {stage.slug: stage for stage in Stage.objects.settled().filter(model=model)}
    if unknown := [str(each) for each in wanted if not isinstance(each, str) or each not in stages]:
        raise InvalidTrigger(
            _("%(model)s has no stage “%(stage)s”.") % {"model": model, "stage": ", ".join(unknown)}
        )
    return StageEntered(model, tuple(stages[each] for each in wanted))


def _segment_entered(stored: dict[str, Any]) -> SegmentEntered:
    segment = Segment.objects.filter(slug=str(stored.get("segment") or "")).first()
    if segment is None:
        raise InvalidTrigger(
            _("There is no segment “%(segment)s”.") % {"segment": stored.get("segment") or ""}
        )
    return SegmentEntered(segment)
