"""A campaign's draft written as a whole, as programs do: all of it, or nothing."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns import drafting
from campaigns.models import Campaign, CampaignVersion, Step, StepKind, Template, wait_problem
from campaigns.triggers import InvalidTrigger, trigger_of
from clm.accounts.models import User
from clm.base.conditions import InvalidCondition, vet
from clm.base.conditions.storing import stored


class CannotCompose(ValueError):
    """`where` names the part, such as "steps.2.template"."""

    def __init__(self, where: str, sentence: str) -> None:
        super().__init__(sentence)
        self.where = where


@transaction.atomic
def compose(
    campaign: Campaign, *, steps: list[dict[str, Any]], by: User | None, **values: Any
) -> CampaignVersion:
    """`values` as for `drafting.shape`; steps have kind, template (id), wait_amount, wait_unit, condition,
    expires_after_hours. Raises CannotCompose, CannotEdit.
    """
    for name in ("exit_condition", "goal"):
        values[name] = _tree(values.get(name), name)
    _check_trigger(values["trigger"])
    rows = [_step(step, position) for position, step in enumerate(steps)]
    if len(rows) > drafting.MOST_STEPS:
        raise CannotCompose(
            "steps", _("A campaign has at most %(most)s steps.") % {"most": drafting.MOST_STEPS}
        )
    draft = drafting.shape(campaign, by=by, **values)
    draft.steps.all().delete()
    for row in rows:
        row.version = draft
    Step.objects.bulk_create(rows)
    return draft


def _check_trigger(trigger: Any) -> None:
    try:
        trigger_of(CampaignVersion(trigger=trigger))
    except InvalidTrigger as error:
        raise CannotCompose("trigger", str(error)) from error


def _tree(tree: Any, where: str) -> Any:
    if not tree:
        return None
    try:
        return stored(vet(tree))
    except InvalidCondition as error:
        raise CannotCompose(where, str(error)) from error


def _step(given: dict[str, Any], position: int) -> Step:
    where, kind = f"steps.{position}", given["kind"]
    amount, template = given.get("wait_amount"), given.get("template")
    if (kind == StepKind.WAIT) != bool(amount):
        raise CannotCompose(f"{where}.wait_amount", _("A wait needs it; no other step has it."))
    if amount and (problem := wait_problem(amount, given["wait_unit"])):
        raise CannotCompose(f"{where}.wait_amount", problem)
    if template and kind != StepKind.MESSAGE:
        raise CannotCompose(f"{where}.template", _("Only a message has a template."))
    if template and not Template.objects.usable().filter(pk=template).exists():
        raise CannotCompose(f"{where}.template", _("There is no such template."))
    expires = given.get("expires_after_hours")
    return Step(
        position=position,
        kind=kind,
        template_id=template,
        wait_amount=amount,
        wait_unit=given["wait_unit"],
        condition=_tree(given.get("condition"), f"{where}.condition"),
        settings={"expires_after_hours": expires} if expires else {},
    )
