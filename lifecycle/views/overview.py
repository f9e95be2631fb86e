"""A version of a model as one readable page: what it is, a drawing, and every rule as a sentence."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from lifecycle.describing import customers_by_stage
from lifecycle.designing.blueprint import blueprint_of
from lifecycle.designing.difference import sentence_in, sentence_of, source_label
from lifecycle.designing.picture import picture_of
from lifecycle.designing.versions import read_whole
from lifecycle.flows import flows_of
from lifecycle.models import Policy
from lifecycle.views.designing import versions_or_404


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def lifecycle_overview(request: HttpRequest, slug: str) -> HttpResponse:
    """`?version=` a number or `draft`, else the one in force, else the newest."""
    versions = versions_or_404(slug)
    model, version = versions.model, versions.named(request.GET.get("version", ""))
    if version is None:
        raise Http404
    read_whole(version)
    plan, counts = blueprint_of(version), customers_by_stage(model, seen_by=me(request))
    here = {use.stage.slug: counts.get(use.stage_id, 0) for use in version.stage_uses.all()}
    flows = flows_of(model, until=versions.read_at, seen_by=me(request))
    context = {
        "model": model,
        "version": version,
        "plan": plan,
        "picture": picture_of(plan, flows, here),
        "rules": [(rule, plan.stage(rule.stage), sentence_in(plan, rule.condition)) for rule in plan.rules],
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
