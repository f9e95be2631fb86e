"""Pages about numbers: the dashboard, the catalog, one metric."""

from collections.abc import Callable, Iterable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clm.accounts.models import User
from clm.accounts.permissions import Capability, may, requires
from clm.accounts.views.exports import also_as_file, exported
from clm.accounts.views.signed_in import me
from clm.base.downloads import FORMATS
from customers.models import Customer
from metrics import dashboard as lifecycle
from metrics import pictures
from metrics.answer import Answer, totals_of
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


def _catalog(scene: Scene) -> list[Answer]:
    question = lifecycle.Desk(scene.asking, scene.setting, scene.names).question
    wanted = {
        slug: (slug, question)
        for slug, definition in CATALOG.items()
        if may(scene.user, definition.capability) and (question.model or not definition.needs_model)
    }
    return list(ask_all(wanted, scene.setting, names=scene.names).values())


def _catalog_lines(request: HttpRequest) -> Iterable[list[str]] | None:
    """Nothing for a question that makes no sense: the page says so."""
    scene = Scene.of(request, me(request))
    answers = _catalog(scene)
    return None if scene.error else totals_of(answers)


@require_safe
@requires(Capability.VIEW_METRICS)
@also_as_file("metrics", _catalog_lines, numbers_as_text=True)
def metrics(request: HttpRequest) -> HttpResponse:
    """The catalog, each with its value in the period."""
    scene = Scene.of(request, me(request))
    entries = [(answer, address_of(answer.asked)) for answer in _catalog(scene)]
    context = {"scene": scene, "asking": scene.asking, "entries": entries}
    return render(request, "metrics/metrics.html", context, status=400 if scene.error else 200)


@require_safe
@requires(Capability.VIEW_METRICS)
def metric(request: HttpRequest, slug: str) -> HttpResponseBase:
    definition = _definition(slug, me(request))
    scene = Scene.of(request, me(request), usual=definition.usual)
    answer = _answer(definition, scene)
    if answer and request.GET.get("format") in FORMATS and not scene.error:
        return _file(request, answer, scene)
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
    if shape == "kinds" and answer.asked.question.breakdown:
        return {
            "picture": pictures.activity_bars(answer, scene.names),
            "kind": "bar",
            "kind_lines": pictures.kind_lines(answer),
        }
    if shape in _DRAWN:
        kind, picture = _DRAWN[shape]
        return {"picture": picture(answer, scene.names), "kind": kind}
    if answer.asked.question.breakdown == "month":
        return {"picture": pictures.bars(answer, scene.names), "kind": "line"}
    return {"picture": pictures.known_bars(answer, scene.names), "kind": "bar"}


def _file(request: HttpRequest, answer: Answer, scene: Scene) -> HttpResponseBase:
    name = f"{answer.slug}-{scene.asking.period.first}-{scene.asking.period.last}"
    return exported(
        request,
        answer.as_table(),
        name=name,
        action="metric.exported",
        numbers_as_text=True,
        metric=answer.slug,
    )
