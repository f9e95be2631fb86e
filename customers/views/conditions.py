"""Fragments of the condition builder: the builder after a change, and who matches what it says."""

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from clm.accounts.models import Organisation, User
from clm.accounts.permissions import Capability, requires
from clm.accounts.views.signed_in import me
from clm.base import clock, keyset
from clm.base.conditions import Asked, InvalidCondition, Node
from clm.base.conditions.fields import ConditionsWidget, built
from clm.base.conditions.sketch import Sketch, blank
from clm.base.conditions.stepping import row_by_row
from customers.models import Customer
from customers.segments.nesting import refuse_hidden

EXAMPLES = 5
PATIENCE_MS = 4000
LONGEST_NAME = 50


def _sent(request: HttpRequest) -> tuple[str, Sketch]:
    name = _name(request)[:LONGEST_NAME]
    return name, ConditionsWidget().value_from_datadict(request.POST, None, name) or blank()


def _name(request: HttpRequest) -> str:
    """Of several builders in a form the one that is to be drawn anew."""
    names = request.POST.getlist("conditions-name") or ["conditions"]
    target = request.headers.get("HX-Target", "")
    return next((name for name in names if target.endswith(f"{name}-builder")), names[-1])


@require_POST
@requires(Capability.VIEW_CUSTOMERS)
def conditions(request: HttpRequest) -> HttpResponse:
    name, sketch = _sent(request)
    return HttpResponse(built(name, sketch, has_preview="conditions-quiet" not in request.POST))


@require_POST
@requires(Capability.VIEW_CUSTOMERS)
def conditions_preview(request: HttpRequest) -> HttpResponse:
    """How many match, five of them with why, and the conditions in words; of the customers whom one sees."""
    _name, sketch = _sent(request)
    try:
        tree = sketch.checked()
        refuse_hidden(tree, me(request))
    except InvalidCondition as error:
        return render(request, "base/conditions/_preview.html", {"unfinished": error.reason})
    return render(request, "base/conditions/_preview.html", {"tree": tree, **_asked(tree, me(request))})


def _asked(tree: Node, user: User) -> dict[str, object]:
    try:
        return _matching(tree, user)
    except InvalidCondition as error:  # of a segment that the tree rests on
        return {"refused": str(error)}


def _matching(tree: Node, user: User) -> dict[str, object]:
    asked = Asked(zone=Organisation.objects.current().zone, as_of=clock.now())
    matching = Customer.objects.visible_to(user).present().filter(row_by_row(tree.to_q(asked)))
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE_MS}")
            count = keyset.count(matching)
            found = list(matching.order_by("-pk").values_list("pk", flat=True)[:EXAMPLES])
    except OperationalError:
        return {"is_slow": True}
    return {"count": count, "examples": [_example(pk, tree, asked) for pk in found]}


def _example(pk: int, tree: Node, asked: Asked) -> dict[str, object]:
    customers = Customer.objects.filter(pk=pk)
    why = tree.explain(customers, asked)
    held = [leaf for leaf in why.leaves() if leaf.evidence and leaf.evidence.have] if why else []
    return {"customer": customers.get(), "leaves": held}
