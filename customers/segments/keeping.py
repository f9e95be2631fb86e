"""Making, changing and deleting segments: the verbs behind page and API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, Job, User
from clm.base import clock
from clm.base.conditions import InvalidCondition
from clm.base.conditions.storing import stored
from clm.base.uses import Use, uses
from customers.models import Segment
from customers.models.segment import SegmentKind
from customers.segments.computing import refresh
from customers.segments.nesting import check, named_in

CHANGEABLE = ("name", "description", "is_shared", "conditions")
LATIN = str.maketrans({"ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ß": "ss", "đ": "d", "ł": "l", "Ł": "L"})


class StaleSegment(ValueError):
    """Somebody changed the segment since it was read; `current` is what it is now."""

    def __init__(self, current: Segment) -> None:
        self.current = current
        super().__init__(_("The segment was changed meanwhile. Look at it and save again."))


class SegmentInUse(ValueError):
    """Something rests on the segment: `uses` says what."""

    def __init__(self, message: str, found: list[Use]) -> None:
        self.uses = found
        super().__init__(message)


def uses_of(segment: Segment) -> list[Use]:
    return uses("segment").get(segment.slug, [])


@transaction.atomic
def create(
    *,
    by: User,
    name: str,
    kind: str,
    description: str = "",
    conditions: Any = None,
    is_shared: bool = True,
) -> Segment:
    """A new segment; one by conditions is computed, at once or by a job. Raises ValidationError by field."""
    Segment.objects.all().lock()
    segment = Segment(
        name=name.strip(), kind=kind, description=description.strip(), is_shared=is_shared, owner=by
    )
    segment.conditions = _checked(conditions, segment)
    segment.slug = _free_slug(segment.name)
    _clean(segment)
    segment.save(force_insert=True)
    segment.refresh_from_db()
    AuditEntry.objects.record("segment.created", segment, by=by, kind=kind)
    if segment.is_dynamic:
        refresh(segment, by=by)
    return segment


@transaction.atomic
def change(
    segment: Segment, *, by: User, values: Mapping[str, Any], expected: datetime | None = None
) -> Segment:
    """Give it other values; other conditions are computed. `expected` is the `changed_at` that was read.

    Raises ValidationError by field, StaleSegment, and SegmentInUse when it would become private below others.
    """
    current = next(one for one in Segment.objects.all().lock() if one.pk == segment.pk)
    if expected is not None and current.changed_at != expected:
        raise StaleSegment(current)
    before = {name: getattr(current, name) for name in CHANGEABLE}
    for name in CHANGEABLE:
        if name in values and name != "conditions":
            value = values[name]
            setattr(current, name, value.strip() if isinstance(value, str) else value)
    if "conditions" in values:
        current.conditions = _checked(values["conditions"], current)
    changed = sorted(name for name in CHANGEABLE if getattr(current, name) != before[name])
    if not changed:
        return current
    _refuse_hiding(current, before["is_shared"])
    _save(current, changed, by=by)
    return current


def _save(segment: Segment, changed: list[str], *, by: User) -> None:
    _clean(segment)
    segment.changed_at = clock.now()
    if "conditions" in changed:
        segment.revision += 1
        segment.redefined_at = segment.changed_at
    segment.save(update_fields=[*CHANGEABLE, "changed_at", "redefined_at", "revision"])
    AuditEntry.objects.record("segment.changed", segment, by=by, fields=changed)
    if "conditions" in changed:
        for one in (segment, *_resting_on(segment)):
            refresh(one, by=by)


def _resting_on(segment: Segment) -> list[Segment]:
    """The dynamic segments that ask for this one, at whatever distance."""
    inner = {one.slug: set(named_in(one.tree)) for one in Segment.objects.dynamic()}
    found: set[str] = set()
    waiting = [segment.slug]
    while waiting:
        slug = waiting.pop()
        outer = {one for one, named in inner.items() if slug in named} - found
        found |= outer
        waiting += outer
    return list(Segment.objects.filter(slug__in=found).order_by("pk"))


@transaction.atomic
def remove(segment: Segment, *, by: User) -> None:
    """Raises SegmentInUse, naming what rests on it."""
    Segment.objects.filter(pk=segment.pk).lock()
    if found := uses_of(segment):
        raise SegmentInUse(
            _("“%(segment)s” is in use and can't be deleted. It is used by: %(uses)s.")
            % {"segment": segment, "uses": ", ".join(str(use.label) for use in found)},
            found,
        )
    AuditEntry.objects.record("segment.deleted", segment, by=by, members=segment.count)
    segment.delete()


@transaction.atomic
def compute_anew(segment: Segment, *, by: User) -> Job | None:
    """Ask everybody now, whether or not anything seems to have changed. Returns the job, when it takes one."""
    AuditEntry.objects.record("segment.refreshed", segment, by=by)
    return refresh(segment, by=by)


def _clean(segment: Segment) -> None:
    """Raises ValidationError by field: what two segments of a name break is a constraint of the row."""
    try:
        segment.full_clean(exclude=["conditions"])
    except ValidationError as error:
        raise ValidationError(
            {
                "name" if field == NON_FIELD_ERRORS else field: reasons
                for field, reasons in error.message_dict.items()
            }
        ) from error


def _refuse_hiding(segment: Segment, was_shared: bool) -> None:
    found = uses_of(segment) if was_shared and not segment.is_shared else []
    if found:
        raise SegmentInUse(
            _("“%(segment)s” stays for everybody: it is used by %(uses)s.")
            % {"segment": segment, "uses": ", ".join(str(use.label) for use in found)},
            found,
        )


def _checked(conditions: Any, segment: Segment) -> Any:
    if segment.kind == SegmentKind.STATIC:
        if conditions:
            raise ValidationError({"conditions": _("A segment by hand has no conditions; leave them out.")})
        return {}
    if not conditions:
        raise ValidationError({"conditions": _("Add at least one test.")})
    try:
        return stored(check(conditions, of=segment if segment.pk else None))
    except InvalidCondition as error:
        raise ValidationError({"conditions": str(error)}) from error


def _free_slug(name: str) -> str:
    stem = slugify(name.translate(LATIN))[:50] or "segment"
    taken = set(Segment.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(
        slug
        for number in range(1, len(taken) + 2)
        if (slug := stem if number == 1 else f"{stem}-{number}") not in taken
    )
