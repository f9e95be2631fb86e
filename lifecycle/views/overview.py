"""A version of a model as one readable page: what it is, a drawing, and every rule as a sentence."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from clm.base import clock
from lifecycle.describing import customers_by_stage
from lifecycle.designing.blueprint import blueprint_of
from lifecycle.designing.difference import sentence_of, source_label
from lifecycle.designing.picture import picture_of
from lifecycle.designing.versions import version_of
from lifecycle.flows import flows_of
from lifecycle.models import LifecycleModel, Policy


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def lifecycle_overview(request: HttpRequest, slug: str) -> HttpResponse:
    """`?version=` a number or `draft`, else the one in force, else the newest."""
    model = get_object_or_404(LifecycleModel, slug=slug)
    version = version_of(model, request.GET.get("version", ""))
    if version is None:
        raise Http404
    plan, counts = blueprint_of(version), customers_by_stage(model, seen_by=me(request))
    slugs = dict(model.stages.values_list("pk", "slug")) if counts else {}
    here = {slugs[pk]: count for pk, count in counts.items()}
    flows = flows_of(model, until=clock.now(), seen_by=me(request))
    context = {
        "model": model,
        "version": version,
        "plan": plan,
        "picture": picture_of(plan, flows, here),
        "rules": [(rule, plan.stage(rule.stage), sentence_of(rule.condition)) for rule in plan.rules],
        "components": [(one, sentence_of(one.condition)) for one in plan.components],
        "moves": [
            (
                plan.stage(move.from_stage),
                plan.stage(move.to_stage),
                source_label(move.source),
                Policy(move.policy),
            )
            for move in plan.moves
        ],
    }
    return render(request, "lifecycle/design/overview.html", context)
