"""Companies, products and leads as they were before an import.

What it made goes, unless somebody changed it since or refers to it; what it changed is as before, but for what was
changed again since.
"""

from collections.abc import Sequence
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, Model, OuterRef

from clm.accounts.models import Team, User
from clm.base import clock
from customers.intake.leads import PLAIN
from customers.intake.things import told
from customers.leads import pursuing
from customers.leads.moving import REACHED, move
from customers.leads.pipelines import Pipelines
from customers.leads.sourcing import take_sources_back
from customers.leads.stepping import LeadRefused
from customers.models import (
    Arrival,
    Brought,
    Channel,
    Company,
    ExternalKey,
    Import,
    Lead,
    LeadState,
    LeadStatus,
    Product,
    Thing,
)

CHUNK = 1_000
MODELS: dict[str, type[Model]] = {Thing.COMPANY: Company, Thing.PRODUCT: Product, Thing.LEAD: Lead}


@transaction.atomic
def undo_things(run: Import, *, by: User | None) -> int:
    """The next ones, the last first. Returns how many were looked at; none are left when it is 0."""
    chosen = list(Brought.objects.filter(run=run).order_by("-pk")[:CHUNK])
    for kind, model in MODELS.items():
        mine = [one for one in chosen if one.thing == kind]
        _put_back(model, [one for one in mine if one.before is not None], by)
        _remove(model, kind, [one for one in mine if one.before is None])
    Brought.objects.filter(pk__in=[one.pk for one in chosen]).delete()
    return len(chosen)


def _remove(model: type[Model], kind: str, made: Sequence[Brought]) -> None:
    if not made:
        return
    now = model._default_manager.in_bulk([one.thing_id for one in made])
    same = [one.thing_id for one in made if one.thing_id in now and _is_as(now[one.thing_id], one.after)]
    gone = _unused(model, same)
    if model is Lead:
        _unlead([cast(Lead, now[pk]) for pk in gone])
    model._default_manager.filter(pk__in=gone).delete()
    ExternalKey.objects.filter(thing=kind, thing_id__in=gone).delete()


def _unlead(leads: Sequence[Lead]) -> None:
    """What they said of their customers goes with them, and whoever rests on it looks anew."""
    take_sources_back(leads)
    LeadState.objects.filter(lead__in=[lead.pk for lead in leads]).delete()
    for lead in leads:
        Arrival.objects.note([lead.customer_id], since=lead.opened_at)


def _is_as(thing: Model, after: dict[str, Any]) -> bool:
    return all(told(getattr(thing, name)) == value for name, value in after.items())


def _unused(model: type[Model], ids: list[int]) -> list[int]:
    """Those that no other row refers to; the states of a lead are the lead's own."""
    free = model._default_manager.filter(pk__in=ids)
    for relation in model._meta.get_fields(include_hidden=True):
        other: Any = relation.related_model
        if relation.auto_created and not relation.concrete and other is not None and other is not LeadState:
            column = relation.field.attname  # type: ignore[union-attr]
            free = free.exclude(Exists(other._base_manager.filter(**{column: OuterRef("pk")})))
    return list(free.values_list("pk", flat=True))


def _put_back(model: type[Model], changed: Sequence[Brought], by: User | None) -> None:
    now: dict[Any, Any] = model._default_manager.in_bulk([one.thing_id for one in changed])
    for one in changed:
        thing, before = now.get(one.thing_id), one.before or {}
        mine = [name for name in before if thing and told(getattr(thing, name)) == one.after.get(name)]
        values = {name: before[name] for name in mine if before[name] != one.after.get(name)}
        if thing is None or not values:
            continue
        if isinstance(thing, Lead):
            _change_back(thing, values, by)
        else:
            _set_back(thing, values)


def _set_back(thing: Any, values: dict[str, Any]) -> None:
    is_versioned = hasattr(thing, "changed_at")
    for name, value in (values | ({"changed_at": clock.now()} if is_versioned else {})).items():
        setattr(thing, name, value)
    thing.save(update_fields=[name.removesuffix("_id") for name in values] + ["changed_at"] * is_versioned)


def _change_back(lead: Lead, values: dict[str, Any], by: User | None) -> None:
    """By the verbs of a rep, so that the history tells of it."""
    read = {name: cast(Any, Lead._meta.get_field(name)).to_python(value) for name, value in values.items()}
    typed = {name: value for name, value in read.items() if name in (*PLAIN, "team_id")}
    if "owner_id" in typed:
        typed["owner"] = User.objects.filter(pk=typed.pop("owner_id")).first()
    if "team_id" in typed:
        typed["team"] = Team.objects.filter(pk=typed.pop("team_id")).first()
    if "channel_id" in typed:
        typed["channel"] = Channel.objects.filter(pk=typed.pop("channel_id")).first()
    try:
        with transaction.atomic():
            if "status" in read:
                _step_back(lead, read, by)
            pursuing.change(lead, by=by, values=typed)
    except (LeadRefused, ValidationError):
        return  # it was won or lost since


def _step_back(lead: Lead, before: dict[str, Any], by: User | None) -> None:
    """Where it was, as having come there when it had."""
    if before["status"] == LeadStatus.LOST:
        pursuing.lose(lead, by=by, reason=before["lost_reason"])
        return
    meaning = [one for one in Pipelines.read().of(lead.team_id).steps if one.status == before["status"]]
    to = next((one for one in meaning if one.pk and one.pk == before.get("place_id")), meaning[0])
    move(lead, to, by=by, reached={name: before[name] for name in REACHED if name in before})
