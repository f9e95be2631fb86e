"""Which values one customer keeps when two become one: the winner's, the loser's where the winner has none, or as chosen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from clm.accounts.models import Team, User
from clm.base.facts import BEGINNING
from customers.models import Company, Customer, ProfileChange
from customers.once_called import now_at

Side = Literal["winner", "loser"]
Choices = Mapping[str, Side]
# Column of the row: the field's name in choices and in profile changes.
COLUMNS = {
    "name": "name",
    "first_name": "first_name",
    "last_name": "last_name",
    "kind": "kind",
    "email": "email",
    "phone": "phone",
    "external_id": "external_id",
    "company_id": "company",
    "country": "country",
    "language": "language",
    "zone": "zone",
    "owner_id": "owner",
    "team_id": "team",
}
# Fields that hold the id of one of these.
MODELS: dict[str, type[Model]] = {"company": Company, "owner": User, "team": Team}
_NOT_IN_HISTORY = ("external_id",)
_BLANK = ("", None)


@dataclass(frozen=True)
class Line:
    """A field of which at least one has a value. `chosen` is whose stays unless somebody says otherwise."""

    field: str
    winner: Any
    loser: Any

    @property
    def chosen(self) -> Side:
        return "loser" if self.winner in _BLANK else "winner"

    @property
    def is_open(self) -> bool:
        """Both say something, and not the same."""
        return self.winner != self.loser and self.winner not in _BLANK and self.loser not in _BLANK


def lines(winner: Customer, loser: Customer) -> list[Line]:
    here, there = values_of(winner), values_of(loser)
    both = (Line(field, here.get(field), there.get(field)) for field in {**here, **there})
    return [line for line in both if line.winner not in _BLANK or line.loser not in _BLANK]


def values_of(customer: Customer) -> dict[str, Any]:
    """Plain values by field, those of foreign keys as ids; own fields as "fields.<name>"."""
    values = {field: getattr(customer, column) for column, field in COLUMNS.items()}
    return values | {f"fields.{name}": value for name, value in customer.fields.items()}


def taken_from(winner: Customer, loser: Customer, choices: Choices) -> dict[str, tuple[Any, Any]]:
    """What the winner takes over: {field: (before, after)}. Raises ValidationError for what can't be chosen."""
    known = {line.field: line for line in lines(winner, loser)}
    if unknown := sorted(choices.keys() - COLUMNS.keys() - set(COLUMNS.values()) - known.keys()):
        raise ValidationError({"choices": _("There is no field “%(field)s”.") % {"field": unknown[0]}})
    if wrong := sorted(field for field, side in choices.items() if side not in ("winner", "loser")):
        raise ValidationError(
            {"choices": _("Choose “winner” or “loser” for “%(field)s”.") % {"field": wrong[0]}}
        )
    taken = {line.field: line for line in known.values() if choices.get(line.field, line.chosen) == "loser"}
    return {field: (line.winner, line.loser) for field, line in taken.items() if line.winner != line.loser}


def put(customer: Customer, values: Iterable[tuple[str, Any]], *, at: datetime) -> None:
    """Set the fields on the row alone."""
    column_of = {field: column for column, field in COLUMNS.items()}
    for field, value in values:
        if not field.startswith("fields."):
            setattr(customer, column_of[field], _blank(field) if value is None else value)
        elif value is None:
            customer.fields.pop(field.removeprefix("fields."), None)
        else:
            customer.fields[field.removeprefix("fields.")] = value
    customer.changed_at = at
    customer.save(update_fields=[*COLUMNS, "fields", "first_seen_at", "merged_into", "changed_at"])


def write_changes(customer: Customer, taken: Mapping[str, tuple[Any, Any]], *, at: datetime) -> list[int]:
    """As facts: a first value has always held, as far as we can tell. Returns their ids."""
    told = {field: both for field, both in taken.items() if field not in _NOT_IN_HISTORY}
    blank = {field for field, (before, _after) in told.items() if before in _BLANK}
    changes = ProfileChange.objects.live().filter(customer=customer, field__in=blank)
    first = blank - set(changes.values_list("field", flat=True))
    written = ProfileChange.objects.bulk_create(
        ProfileChange(
            customer=customer,
            original_customer=customer,
            field=field,
            value=after,
            occurred_at=BEGINNING if field in first else at,
            recorded_at=at,
        )
        for field, (_before, after) in told.items()
    )
    return [change.pk for change in written]


def restored(customer: Customer, profile: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields that a merge had changed were before, as far as nobody has changed them since.

    Whom or what there is no more is none; a company that became part of another is that one.
    """
    now = values_of(customer)
    pairs = {
        field: [_led(field, value) for value in cast("list[Any]", both)]
        for field, both in profile.items()
        if field != "first_seen_at"
    }
    before = {field: value for field, (value, after) in pairs.items() if now.get(field) == after}
    return {field: None if _is_gone(field, value) else value for field, value in before.items()}


def _led(field: str, value: Any) -> Any:
    return ((value and now_at(value)) or value) if field == "company" else value


def _is_gone(field: str, value: Any) -> bool:
    if value is None or field not in MODELS:
        return False
    return not MODELS[field]._default_manager.filter(pk=value).exists()


def _blank(field: str) -> Any:
    return None if field in MODELS else ""
