"""Which steps there are for whose leads, read at once, and the step in which a lead is."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from clm.base import clock
from customers.models import Lead, LeadPipeline, LeadStatus, PipelineStep
from customers.models.lead_status import IS_OPEN


@dataclass(frozen=True)
class Pipelines:
    """By team; None is for leads of no team and of teams without steps of their own. Never empty."""

    by_team: dict[int | None, LeadPipeline]

    @classmethod
    def read(cls) -> "Pipelines":
        """One query."""
        steps = PipelineStep.objects.filter(removed_at=None).select_related("pipeline__team")
        read: dict[int | None, tuple[LeadPipeline, list[PipelineStep]]] = {}
        for step in steps.order_by("pipeline__team__name", "position", "pk"):
            read.setdefault(step.pipeline.team_id, (step.pipeline, []))[1].append(step)
        for pipeline, its_steps in read.values():
            pipeline.steps = its_steps
        found: dict[int | None, LeadPipeline] = {team: pipeline for team, (pipeline, _) in read.items()}
        found.setdefault(None, built_in())
        return cls(found)

    @property
    def all(self) -> list[LeadPipeline]:
        """Those of teams, then the one for all others."""
        return [one for team, one in self.by_team.items() if team is not None] + [self.by_team[None]]

    def of(self, team_id: int | None) -> LeadPipeline:
        return self.by_team.get(team_id) or self.by_team[None]

    def step_of(self, lead: Lead) -> PipelineStep:
        meaning = [step for step in self.of(lead.team_id).steps if step.status == lead.status]
        return next((step for step in meaning if step.pk and step.pk == lead.place_id), meaning[0])

    def way_of(self, lead: Lead) -> list[PipelineStep]:
        """The steps that lead to winning it, as its team calls them."""
        return [step for step in self.of(lead.team_id).steps if step.status != LeadStatus.LOST]

    def mark(self, leads: Iterable[Lead]) -> None:
        """Tell each lead the step it is shown in, and whether it lacks what its team expects."""
        at = clock.now()
        for lead in leads:
            within = self.of(lead.team_id).respond_within
            lead.shown_in = self.step_of(lead)
            is_waiting = lead.status == LeadStatus.NEW and lead.contacted_at is None
            lead.answer_by = lead.opened_at + within if within and is_waiting else None
            lead.is_unanswered = lead.answer_by is not None and lead.answer_by < at
            is_bare = lead.is_open and not lead.next_action and lead.next_action_on is None
            lead.is_unplanned = is_bare and self.of(lead.team_id).demands_next_action

    def unanswered(self) -> Q:
        """New leads that nobody contacted in the time their team has set itself."""
        at, late = clock.now(), Q(pk__in=[])
        for pipeline in self.all:
            if pipeline.respond_within:
                late |= self.leads_of(pipeline) & Q(opened_at__lt=at - pipeline.respond_within)
        return late & Q(status=LeadStatus.NEW, contacted_at=None)

    def unplanned(self) -> Q:
        """Open leads without a next action, of teams that demand one."""
        demanding = Q(pk__in=[])
        for pipeline in self.all:
            if pipeline.demands_next_action:
                demanding |= self.leads_of(pipeline)
        return demanding & IS_OPEN & Q(next_action="", next_action_on=None)

    @property
    def expects_answers(self) -> bool:
        return any(one.respond_within for one in self.all)

    @property
    def expects_plans(self) -> bool:
        return any(one.demands_next_action for one in self.all)

    def leads_of(self, pipeline: LeadPipeline) -> Q:
        if pipeline.team_id is not None:
            return Q(team=pipeline.team_id)
        others = [team for team in self.by_team if team is not None]
        return Q(team=None) | ~Q(team__in=others) if others else Q()


def in_step(step: PipelineStep, pipeline: LeadPipeline) -> Q:
    """Leads of the pipeline that are in this step: those put there, and in the first of a status all others."""
    meaning = [one for one in pipeline.steps if one.status == step.status]
    if meaning[0] is not step:
        return Q(status=step.status, place=step.pk)
    elsewhere = [one.pk for one in meaning[1:]]
    put_elsewhere = Q(place__isnull=False, place__in=elsewhere) if elsewhere else Q(pk__in=[])
    return Q(status=step.status) & ~put_elsewhere


def built_in() -> LeadPipeline:
    """As long as nobody has edited one: a step for each status."""
    pipeline = LeadPipeline()
    pipeline.steps = [
        PipelineStep(pipeline=pipeline, status=status, position=position)
        for position, status in enumerate(LeadStatus)
    ]
    return pipeline
