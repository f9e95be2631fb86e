"""Pages about numbers: the dashboard, the catalog, one metric."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.signed_in import me
from clm.base.downloads import FORMATS, format_of, table_download
from customers.models import Customer
from metrics import dashboard as lifecycle
from metrics import pictures
from metrics.answer import Answer
from metrics.catalog import CATALOG, ask, ask_all
from metrics.definition import Definition
from metrics.names import Names
from metrics.question import BREAKDOWNS, QuestionError, plain
from metrics.scene import Scene, address_of

SHOWN_COHORTS = 12


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def dashboard(request: HttpRequest) -> HttpResponse:
    scene = Scene.of(request, me(request))
    if scene.newest is None and not Customer.objects.visible_to(scene.user).exists():
        return render(request, "metrics/dashboard_empty.html", {"scene": scene})
    shown = lifecycle.dashboard(scene.asking, scene.setting, scene.names)
    context = {"scene": scene, "asking": scene.asking, "board": shown, **_pictures(scene, shown)}
    return render(request, "metrics/dashboard.html", context, status=400 if scene.error else 200)


def _pictures(scene: Scene, shown: lifecycle.Dashboard) -> dict[str, object]:
    triangle, ages = pictures.triangle(shown.cohorts, most=SHOWN_COHORTS)
    found: dict[str, object] = {
        "triangle": triangle,
        "ages": ages,
        "cohorts_csv": scene.csv_of(shown.cohorts),
    }
    if shown.stock and shown.flow:
        found |= {"stock": pictures.bars(shown.stock, scene.names), "stock_csv": scene.csv_of(shown.stock)}
        found |= {"flow": pictures.flow(shown.flow, scene.names), "flow_csv": scene.csv_of(shown.flow)}
    if shown.cost:
        found |= {"cost": pictures.known_bars(shown.cost, scene.names), "cost_csv": scene.csv_of(shown.cost)}
    return found


@require_safe
@requires(Capability.VIEW_METRICS)
def metrics(request: HttpRequest) -> HttpResponse:
    """The catalog, each with its value in the period."""
    scene = Scene.of(request, me(request))
    question = lifecycle.Desk(scene.asking, scene.setting, scene.names).question
    wanted = {
        slug: (slug, question)
        for slug, definition in CATALOG.items()
        if may(scene.user, definition.capability) and (question.model or not definition.needs_model)
    }
    answers = ask_all(wanted, scene.setting, names=scene.names)
    entries = [(answer, address_of(answer.asked)) for answer in answers.values()]
    context = {"scene": scene, "asking": scene.asking, "entries": entries}
    return render(request, "metrics/metrics.html", context, status=400 if scene.error else 200)


@require_safe
@requires(Capability.VIEW_METRICS)
def metric(request: HttpRequest, slug: str) -> HttpResponse:
    definition = _definition(slug, me(request))
    scene = Scene.of(request, me(request), usual=definition.usual)
    answer = _answer(definition, scene)
    if answer and request.GET.get("format") in FORMATS and not scene.error:
        return _file(answer, scene, format_of(request))
    context = {
        "scene": scene,
        "asking": scene.asking,
        "answer": answer,
        "definition": definition,
        "breakdowns": [name for name in BREAKDOWNS if name in definition.breakdowns],
        **(_picture(answer, scene) | {"csv": scene.csv_of(answer)} if answer else {}),
    }
    return render(request, "metrics/metric.html", context, status=400 if scene.error else 200)


def _definition(slug: str, user: User) -> Definition:
    if slug not in CATALOG:
        raise Http404
    if not may(user, CATALOG[slug].capability):
        raise PermissionDenied
    return CATALOG[slug]


def _answer(definition: Definition, scene: Scene) -> Answer | None:
    """A question that the metric cannot answer is kept as the scene's error; nothing when no form of it can be."""
    question = scene.asking.question
    for tried in (question, plain(question)):
        try:
            return ask(definition.slug, tried, scene.setting, names=scene.names)
        except QuestionError as error:
            scene.error = scene.error or error
    return None


_DRAWN: dict[str, tuple[str, Callable[[Answer, Names], object]]] = {
    "flow": ("sankey", pictures.flow),
    "pairs": ("heatmap", pictures.heat),
    "curve": ("line", pictures.still),
    "exits": ("bar", pictures.ways_out),
}


def _picture(answer: Answer, scene: Scene) -> dict[str, object]:
    shape = answer.asked.definition.shape
    if shape == "cohorts":
        triangle, ages = pictures.triangle(answer)
        return {"triangle": triangle, "ages": ages}
    if not answer.rows:
        return {}
    if shape in _DRAWN:
        kind, picture = _DRAWN[shape]
        return {"picture": picture(answer, scene.names), "kind": kind}
    if answer.asked.question.breakdown == "month":
        return {"picture": pictures.bars(answer, scene.names), "kind": "line"}
    return {"picture": pictures.known_bars(answer, scene.names), "kind": "bar"}


def _file(answer: Answer, scene: Scene, format: str) -> HttpResponse:
    if not scene.exports:
        raise PermissionDenied
    name = f"{answer.slug}-{scene.asking.period.first}-{scene.asking.period.last}"
    return table_download(answer.as_table(), name=name, format=format)
