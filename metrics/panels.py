"""What pages of other apps show of numbers, over the last twelve months: a survey's, and those of a journey map."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from campaigns.models import Survey
from clm.accounts.permissions import Capability, may
from clm.accounts.views.signed_in import me
from clm.base.panels import Panel, register
from lifecycle.models import LifecycleModel
from metrics import pictures
from metrics.analytics import overview
from metrics.answer import Answer
from metrics.asking import asking
from metrics.catalog import ask_all
from metrics.scene import Scene

PERIOD = "12m"


def survey_numbers(request: HttpRequest, survey: Survey) -> dict[str, Any] | None:
    user = me(request)
    if not may(user, Capability.VIEW_METRICS):
        return None
    scene = Scene.of(request, user)
    asked = asking({"period": PERIOD}, setting=scene.setting, user=user, names=scene.names)
    question = replace(asked.question, survey=survey.slug)
    wanted = {
        "nps": ("nps", question),
        "responses": ("survey-responses", question),
        "rate": ("survey-response-rate", question),
        "months": ("nps", replace(question, breakdown="month")),
    }
    if question.model:
        wanted["stages"] = ("nps", replace(question, breakdown="stage"))
    answers = ask_all(wanted, scene.setting, names=scene.names)
    if not answers["responses"].total.value and not answers["rate"].total.denominator:
        return None
    return {"scene": scene, "answers": answers, **_pictures(answers, scene)}


def _pictures(answers: dict[str, Answer], scene: Scene) -> dict[str, Any]:
    drawn = [name for name in ("months", "stages") if name in answers]
    return {name: pictures.bars(answers[name], scene.names) for name in drawn} | {
        f"{name}_csv": scene.csv_of(answers[name]) for name in drawn
    }


register("survey", Panel("nps", "metrics/_survey.html", survey_numbers, place="top"))


def journey_numbers(request: HttpRequest, model: LifecycleModel) -> dict[str, Any] | None:
    """Beside each stage of the map, by its slug. None while the model does not run."""
    user = me(request)
    scene = Scene(user, {"period": PERIOD, "model": model.slug}, Scene.of(request, user).setting)
    if model not in scene.names.models:
        return None
    board = overview(scene)
    lines = {line.stage.slug: line for line in board.lines}
    return {"lines": lines, "scene": scene, "about": _about(board.answers["onward"].asked.days)}


def _about(days: int) -> str:
    return _(
        "Numbers of the last 12 months, as of today. On to the next and drop-off: within %(days)s days, of those who came so long ago that they have had them."
    ) % {"days": days}


register("journey-map", Panel("numbers", "metrics/stages/_journey.html", journey_numbers, place="column"))
