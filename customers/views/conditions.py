"""Fragments of the condition builder: the builder after a change, and who matches what it says."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from clm.base.conditions import InvalidCondition, Node
from clm.base.conditions.fields import ConditionsWidget, built
from clm.base.conditions.sketch import Sketch, blank
from customers.previewing import preview

LONGEST_NAME = 50


def _sent(request: HttpRequest) -> tuple[str, Sketch]:
    name = _name(request)[:LONGEST_NAME]
    sketch = ConditionsWidget().value_from_datadict(request.POST, None, name) or blank()
    within = request.POST.get("conditions-within", "").replace("\x00", "")
    return name, sketch.part_of(within[:LONGEST_NAME])


def _name(request: HttpRequest) -> str:
    """Of several builders in a form the one that is to be drawn anew, or whose customers are to be counted."""
    names = request.POST.getlist("conditions-name") or ["conditions"]
    target = request.headers.get("HX-Target", "")
    return next(
        (name for name in names if target.endswith((f"{name}-builder", f"{name}-preview"))), names[-1]
    )


@require_POST
@requires(Capability.VIEW_CUSTOMERS)
def conditions(request: HttpRequest) -> HttpResponse:
    name, sketch = _sent(request)
    return HttpResponse(built(name, sketch, has_preview="conditions-quiet" not in request.POST))


@require_POST
@requires(Capability.VIEW_CUSTOMERS)
def conditions_preview(request: HttpRequest) -> HttpResponse:
    """How many match, five of them with why, and the conditions in words; of the customers whom one sees."""
    name, sketch = _sent(request)
    try:
        tree = sketch.checked()
    except InvalidCondition as error:
        context = {"unfinished": error.reason, "slips": sketch.slips(name)}
        return render(request, "base/conditions/_preview.html", context)
    return render(request, "base/conditions/_preview.html", _matching(request, tree))


def _matching(request: HttpRequest, tree: Node) -> dict[str, object]:
    try:
        found = preview(tree, me(request))
    except InvalidCondition as error:  # a segment it rests on can't be read, or is not for this person
        return {"tree": tree, "refused": str(error)}
    return {
        "tree": tree,
        "count": found.count,
        "is_slow": found.count is None,
        "examples": found.examples,
    }
