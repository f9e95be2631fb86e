"""Pages about stages: who came and went, who moved on, for how long they stayed, where they went, who dropped off."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clm.accounts.permissions import Capability, requires
from clm.accounts.views.exports import exported
from clm.accounts.views.signed_in import me
from clm.base.downloads import FORMATS
from clm.base.money import in_full
from metrics import analytics, pictures
from metrics.drop_off import DropOff
from metrics.formulas.moving import WAYS
from metrics.formulas.staying import EVERY, WHICH
from metrics.periods import Usual
from metrics.question import QuestionError
from metrics.scene import Scene

Shown = dict[str, Any]


def _scene(request: HttpRequest, *, usual: Usual = Usual.RIPE_FOR_DAYS) -> Scene:
    """While nobody chooses a period it has ended so long ago that conversion can be told."""
    return Scene.of(request, me(request), usual=usual)


def _page(
    template: str, context: Callable[[Scene], Shown], *, usual: Usual = Usual.RIPE_FOR_DAYS
) -> Callable[[HttpRequest], HttpResponseBase]:
    """A page whose question may make no sense: it is then said so, and the usual one asked."""

    @require_safe
    @requires(Capability.VIEW_CUSTOMERS)
    def view(request: HttpRequest) -> HttpResponse:
        scene = _scene(request, usual=usual)
        if scene.asking.question.model is None or not scene.names.stages:
            return render(request, "metrics/stages/none.html", {"scene": scene, "asking": scene.asking})
        shown = {"scene": scene, "asking": scene.asking, "template": template} | _asked(scene, context)
        return render(request, f"metrics/stages/{template}.html", shown, status=400 if scene.error else 200)

    return view


def _asked(scene: Scene, context: Callable[[Scene], Shown]) -> Shown:
    try:
        return context(scene)
    except QuestionError as error:
        scene.error = scene.error or error
        scene.forget()
        return context(scene)


def _overview(scene: Scene) -> Shown:
    board = analytics.overview(scene)
    return {"board": board, "chart": board.chart(), "csv": scene.exports, "waits": analytics.WAITS}


def _conversion(scene: Scene) -> Shown:
    board = analytics.conversion(scene)
    return {
        "board": board,
        "ways": WAYS,
        "waits": analytics.WAITS,
        "bars": pictures.bars(board.onward, scene.names),
        "bars_csv": scene.csv_of(board.onward),
        "pairs_csv": scene.csv_of(board.pairs),
    }


def _staying(scene: Scene) -> Shown:
    board = analytics.staying(scene)
    until = pictures.axis_of(board.curve, until=int(board.median.value or 0))
    return {
        "board": board,
        "which": WHICH,
        "variant": scene.asking.question.variant or EVERY,
        "points": pictures.curve_of(board.curve),
        "until": until,
        "longest": pictures.longest_beyond(board.curve, axis=until),
        "layers": pictures.layers_of(board.ways, scene.names),
        "marks": analytics.MARKS,
        "curve_csv": scene.csv_of(board.curve),
        "ways_csv": scene.csv_of(board.ways),
    }


def _flow(scene: Scene) -> Shown:
    answer = analytics.flow(scene)
    return {
        "answer": answer,
        "stream": pictures.stream(answer, scene.names),
        "matrix": pictures.flow_matrix(answer, scene.names),
        "flow_csv": scene.csv_of(answer),
    }


stage_conversion = _page("conversion", _conversion)
stage_time = _page("time", _staying)
stage_flow = _page("flow", _flow)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def stage_analytics(request: HttpRequest) -> HttpResponseBase:
    if request.GET.get("format") not in FORMATS:
        return _page("overview", _overview)(request)
    scene = _scene(request)
    _may_take_out(scene)
    table = analytics.overview(scene).as_table()
    name = f"stages-{_days(scene)}"
    return exported(request, table, name=name, action="stages.exported", numbers_as_text=True)


def _dropped(scene: Scene) -> DropOff:
    question = analytics.question_of(scene)
    return DropOff.of(
        replace(question, stage=scene.asking.question.stage, variant=""),
        scene.setting,
        scene.names,
        how=scene.parameters.get("how", ""),
    )


def _drop_off(scene: Scene) -> Shown:
    found = _dropped(scene)
    page = found.page(scene.parameters.get("cursor", ""))
    return {"found": found, "page": page, "waits": analytics.WAITS}


_drop_off_page = _page("drop_off", _drop_off, usual=Usual.RIPE)


@require_safe
@requires(Capability.VIEW_CUSTOMERS)
def stage_drop_off(request: HttpRequest) -> HttpResponseBase:
    if request.GET.get("format") not in FORMATS:
        return _drop_off_page(request)
    scene = _scene(request, usual=Usual.RIPE)
    _may_take_out(scene)
    try:
        found = _dropped(scene)
    except QuestionError:
        return _drop_off_page(request)
    rows = drop_off_lines(found, scene.currency)
    return exported(request, rows, name=f"drop-off-{_days(scene)}", action="drop_off.exported")


def drop_off_lines(found: DropOff, currency: str) -> Iterable[list[str]]:
    yield ["customer", "name", "stage", "how", "entered_at", "left_at", "days", "now", "value", "currency"]
    for one in found.every():
        left = one.left_at.isoformat() if one.left_at else ""
        now = one.now.slug if one.now else ""
        yield [
            str(one.customer_id), one.name, one.stage.slug, one.how, one.entered_at.isoformat(), left,
            str(one.days), now, in_full(one.value), currency,
        ]  # fmt: skip


def _may_take_out(scene: Scene) -> None:
    if not scene.exports or scene.asking.question.model is None or scene.error:
        raise PermissionDenied


def _days(scene: Scene) -> str:
    return f"{scene.asking.period.first}-{scene.asking.period.last}"
