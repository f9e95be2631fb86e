"""Where people go whose stage a new version has no more, when none of its rules claims them."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from lifecycle.admission import MoveSet, admit
from lifecycle.designing.versions import read_whole
from lifecycle.models import Cause, CurrentStage, ModelVersion, Simulation, Stage, VersionStage, VersionStatus


class Homeless(ValueError):
    """The people of a stage have nowhere to go; the message names the stage and the cure."""


@dataclass(frozen=True)
class Vanished:
    """A stage that the draft has no more, with how many people are there now, and its heir: simulated last, chosen before, or by guess."""

    stage: Stage
    customers: int
    heir: str


def vanished(draft: ModelVersion) -> list[Vanished]:
    """The stages that versions before had in use and the draft has not, in their order."""
    draft = copy(draft)
    read_whole(draft)
    used = list(draft.stage_uses.all())
    slugs = [use.stage.slug for use in used]
    gone = _gone(draft, slugs)
    if not gone:
        return []
    here = CurrentStage.objects.filter(stage__in=gone).values_list("stage_id").annotate(n=Count("pk"))
    counts: dict[int, int] = dict(here)
    guess = next((use.stage.slug for use in used if use.is_initial), "")
    alike = {kind: use.stage.slug for use in reversed(used) for kind in (*use.other_kinds, use.kind)}
    chosen: dict[str, str] = draft.heirs | (cast(Any, gone[0]).rehearsed or {})
    return [
        Vanished(
            stage,
            counts.get(stage.pk, 0),
            heir if (heir := chosen.get(stage.slug)) in slugs else alike.get(stage.kind, guess),
        )
        for stage in gone
    ]


def _gone(draft: ModelVersion, used: list[str]) -> list[Stage]:
    """Each with the heirs of the draft's last simulation as `rehearsed`."""
    before = ModelVersion.objects.filter(model=draft.model_id).exclude(status=VersionStatus.DRAFT)
    last_in_force = before.order_by("-number").values("pk")[:1]
    in_force = VersionStage.objects.filter(stage=OuterRef("pk"), version=Subquery(last_in_force))
    earlier = Stage.objects.settled().filter(model=draft.model_id).exclude(slug__in=used)
    gone = earlier.filter(Q(Exists(in_force)) | Q(slug__in=[*draft.heirs])).order_by("position")
    last = Simulation.objects.as_published(draft).values("job__parameters__heirs")[:1]
    return list(gone.annotate(rehearsed=Subquery(last)))


def heirs_of(draft: ModelVersion, chosen: Mapping[str, str]) -> dict[str, str]:
    """An heir in use for every stage that has vanished. Raises Homeless."""
    slugs = set(draft.stage_uses.values_list("stage__slug", flat=True))
    heirs = {}
    for one in vanished(draft):
        slug = one.stage.slug
        heir = chosen.get(slug) or draft.heirs.get(slug, "")
        if heir not in slugs:
            raise Homeless(
                _(
                    "%(stage)s is not part of this version any more. Choose the stage where the customers who are there go."
                )
                % {"stage": one.stage}
            )
        heirs[slug] = heir
    return heirs


def resettle(version: ModelVersion) -> int:
    """Move those who are left in stages that the version has not. Finds nobody when they have moved already.

    One that another has followed meanwhile moves nobody: that may have the stage again.
    """
    stages = {stage.slug: stage for stage in Stage.objects.filter(model=version.model_id)}
    moved = 0
    for old, new in version.heirs.items():
        left = CurrentStage.objects.filter(model=version.model_id, stage=stages[old])
        ids = list(left.values_list("customer_id", flat=True))
        reason = _("%(stage)s is not part of version %(number)s.")
        told = reason % {"stage": stages[old], "number": version.number}
        moves = MoveSet(ids, stages[new], told, timedelta(0), only_from=stages[old], only_under=version)
        moved += len(admit(moves, source=Cause.PERSON, actor=version.published_by).moved) if ids else 0
    return moved
