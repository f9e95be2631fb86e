"""What simulated moves would mean for running campaigns: who would enter, who would leave."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django.urls import reverse

from campaigns.enrolling import entrants_among
from campaigns.models import Campaign, CampaignVersion, Enrollment, StepKind
from campaigns.triggers import InvalidTrigger, StageEntered, trigger_of
from clm.base.conditions import InvalidCondition
from lifecycle.models import Simulation
from lifecycle.simulating.consequences import Consequence, register


@register
def of_moves(simulation: Simulation) -> Iterator[Consequence]:
    """Of running campaigns that let in whoever enters one of the model's stages. A few queries for each of them."""
    for campaign in Campaign.objects.running().order_by("priority", "pk"):
        version = campaign.published()
        if version is None:
            continue
        try:
            told = _of(campaign, version, simulation)
        except (InvalidTrigger, InvalidCondition):  # it lets nobody in until that is mended
            continue
        if told and (told.entering or told.leaving):
            yield told


def _of(campaign: Campaign, version: CampaignVersion, simulation: Simulation) -> Consequence | None:
    trigger = trigger_of(version)
    if not isinstance(trigger, StageEntered) or trigger.model.pk != simulation.version.model_id:
        return None
    stages = [stage.pk for stage in trigger.stages]
    entering = simulation.moves.filter(to_stage__in=stages).exclude(from_stage__in=stages)
    return Consequence(
        name=str(campaign),
        url=reverse("campaign", args=[campaign.pk]),
        entering=entrants_among(entering, campaign, version, simulation.until).count(),
        leaving=_leaving(version, simulation, stages) if version.leaves_with_stage else 0,
        messages=version.steps.filter(kind=StepKind.MESSAGE).count(),
    )


def _leaving(version: CampaignVersion, simulation: Simulation, stages: list[int]) -> int:
    """Runs under way whose customers would be in none of the stages any more."""
    gone = simulation.moves.exclude(to_stage__in=stages).filter(customer=OuterRef("customer"))
    return Enrollment.objects.filter(version=version).active().filter(Exists(gone)).count()
