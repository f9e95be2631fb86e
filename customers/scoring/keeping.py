"""Ideal profiles, and what shows interest: made, changed and deleted. The verbs behind page and API."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, User
from clm.base import clock
from clm.base.conditions import InvalidCondition, Node, vet
from clm.base.conditions.storing import stored
from customers.models import IdealProfile, Scoring, Segment
from customers.models.event import validate_event_name
from customers.scoring.computing import work_out_all
from customers.scoring.interest import Signal
from customers.segments.computing import refresh

MOST_TESTS = 12
MOST_SIGNALS = 30
MOST_TIMES = 100
HEAVIEST = 100
LONGEST_NAME = 100
PROFILE_FIELDS = ("name", "description", "tests", "is_active")
SCORING_FIELDS = (
    "signals", "half_life_days", "fit_a", "fit_b", "fit_c", "interest_1", "interest_2", "interest_3",
)  # fmt: skip
# Whoever rests on scores can't be what a score rests on; fit tells who somebody is, not where they have come to.
NOT_FOR_PROFILES = ("score", "in_segment", "in_stage", "was_in_stage")


class StaleScoring(ValueError):
    """Somebody changed it since it was read; `current` is what it is now."""

    def __init__(self, current: Any) -> None:
        self.current = current
        super().__init__(_("It was changed meanwhile. Look at it and save again."))


@transaction.atomic
def create_profile(
    *, by: User | None, name: str, tests: Any, description: str = "", is_active: bool = True
) -> IdealProfile:
    """A new profile; everybody is scored by it, at once or by a job. Raises ValidationError by field."""
    Scoring.objects.lock()
    given = {"name": name, "description": description, "tests": tests, "is_active": is_active}
    profile = IdealProfile(made_by=by, **_cleaned(given))
    _clean(profile)
    profile.save(force_insert=True)
    profile.refresh_from_db()
    AuditEntry.objects.record("ideal_profile.created", profile, by=by, tests=len(profile.tests))
    _all_anew(by=by, counts=profile.is_active)
    return profile


@transaction.atomic
def change_profile(
    profile: IdealProfile,
    *,
    by: User | None,
    values: Mapping[str, Any],
    expected: datetime | None = None,
) -> IdealProfile:
    """`expected` is the `changed_at` that was read. Raises ValidationError by field, StaleScoring."""
    Scoring.objects.lock()
    current = IdealProfile.objects.select_for_update(of=("self",)).get(pk=profile.pk)
    changed = _changed(current, _cleaned(values), expected)
    if not changed:
        return current
    _clean(current)
    current.save(update_fields=[*changed, "changed_at"])
    AuditEntry.objects.record("ideal_profile.changed", current, by=by, fields=changed)
    if {"tests", "is_active"} & set(changed):
        _all_anew(by=by, counts=current.is_active or "is_active" in changed)
    return current


@transaction.atomic
def remove_profile(profile: IdealProfile, *, by: User | None) -> None:
    Scoring.objects.lock()
    counted = IdealProfile.objects.in_use().filter(pk=profile.pk).exists()
    AuditEntry.objects.record("ideal_profile.deleted", profile, by=by)
    profile.delete()
    _all_anew(by=by, counts=counted)


@transaction.atomic
def change_scoring(
    *, by: User | None, values: Mapping[str, Any], expected: datetime | None = None
) -> Scoring:
    """What shows interest, how quickly it fades, where the classes begin. Raises ValidationError, StaleScoring."""
    current = Scoring.objects.lock()
    given = dict(values)
    if "signals" in given:
        given["signals"] = _signals(given["signals"])
    changed = _changed(current, given, expected)
    if not changed:
        return current
    _clean(current)
    current.save(update_fields=[*changed, "changed_at"])
    AuditEntry.objects.record("scoring.changed", current, by=by, fields=changed)
    _all_anew(by=by)
    current.refresh_from_db()
    return current


@transaction.atomic
def work_out_anew(*, by: User) -> Any:
    """Everybody now, whether or not anything seems to have changed. Returns the job, when it takes one."""
    AuditEntry.objects.record("scoring.refreshed", Scoring.objects.lock(), by=by)
    return work_out_all(by=by)


def _all_anew(*, by: User | None, counts: bool = True) -> None:
    """Everybody's score, and the segments that rest on scores. What is under way already knows that it is old.

    Where what was changed `counts`, scores are others from now on; `changed_at`, by which forms tell stale edits, stays.
    """
    Scoring.objects.filter(pk=1).update(revision=models.F("revision") + 1)
    if counts:
        Scoring.objects.filter(pk=1).update(redefined_at=clock.now())
    work_out_all(by=by)
    asking = Segment.objects.dynamic().annotate(text=Cast("conditions", TextField()))
    for segment in asking.filter(text__contains='"score"').order_by("pk"):
        refresh(segment, by=by)


def _changed(current: models.Model, values: Mapping[str, Any], expected: datetime | None) -> list[str]:
    """Gives `current` the values; says which are others. Raises StaleScoring."""
    if expected is not None and getattr(current, "changed_at") != expected:  # noqa: B009  # of either model
        raise StaleScoring(current)
    changed = sorted(name for name, value in values.items() if getattr(current, name) != value)
    for name in changed:
        setattr(current, name, values[name])
    if changed:
        setattr(current, "changed_at", clock.now())  # noqa: B010  # as above
    return changed


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    given = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in values.items()
        if name in PROFILE_FIELDS
    }
    if "tests" in given:
        given["tests"] = _tests(given["tests"])
    return given


def _clean(row: models.Model) -> None:
    """Raises ValidationError by field: what two of a name break is a constraint of the row."""
    try:
        row.full_clean(exclude=["tests", "signals"])
    except ValidationError as error:
        whole = "name" if isinstance(row, IdealProfile) else NON_FIELD_ERRORS
        raise ValidationError(
            {
                whole if field == NON_FIELD_ERRORS else field: reasons
                for field, reasons in error.message_dict.items()
            }
        ) from error


def _tests(tests: Any) -> list[dict[str, Any]]:
    if not isinstance(tests, Sequence) or isinstance(tests, str) or not tests:
        raise ValidationError({"tests": _("Add at least one test.")})
    if len(tests) > MOST_TESTS:
        raise ValidationError({"tests": _("A profile has at most %(most)s tests.") % {"most": MOST_TESTS}})
    found = [_test(test, place) for place, test in enumerate(tests, start=1)]
    if not any(test["weight"] > 0 for test in found):
        raise ValidationError(
            {"tests": _("At least one test must speak for a customer: give it a weight above 0.")}
        )
    return found


def _test(test: Any, place: int) -> dict[str, Any]:
    try:
        if not isinstance(test, Mapping) or set(test) != {"weight", "conditions"}:
            raise InvalidCondition(_("expected “weight” and “conditions”."))
        return {"weight": _weight(test["weight"]), "conditions": _conditions(test["conditions"])}
    except InvalidCondition as error:
        reason = _("Test %(number)s: %(reason)s") % {"number": place, "reason": error}
        raise ValidationError({"tests": reason}) from error


def _weight(weight: Any) -> int:
    is_whole = isinstance(weight, int) and not isinstance(weight, bool)
    if not is_whole or weight == 0 or abs(weight) > HEAVIEST:
        raise InvalidCondition(
            _("A weight is a whole number from −%(most)s to %(most)s, and not 0.") % {"most": HEAVIEST}
        )
    return int(weight)


def _conditions(tree: Any) -> dict[str, Any]:
    node: Node = vet(tree)
    if any(one.name in NOT_FOR_PROFILES for one in node.conditions()):
        raise InvalidCondition(
            _("A profile says who a customer is: it can't rest on scores, segments or stages.")
        )
    return stored(node)


def _signals(signals: Any) -> list[dict[str, Any]]:
    if not isinstance(signals, Sequence) or isinstance(signals, str):
        raise ValidationError({"signals": _("Expected a list.")})
    if len(signals) > MOST_SIGNALS:
        raise ValidationError(
            {"signals": _("At most %(most)s events can give points.") % {"most": MOST_SIGNALS}}
        )
    found = [_signal(signal) for signal in signals]
    named = [(one["event"], one.get("property"), one.get("is_value")) for one in found]
    for event, *_of in named:
        if named.count((event, *_of)) > 1:
            raise ValidationError(
                {"signals": _("“%(event)s” is here twice. Keep one, or name a property.") % {"event": event}}
            )
    return found


def _signal(signal: Any) -> dict[str, Any]:
    known = {"event", "points", "most", "property", "is_value"}
    if not isinstance(signal, Mapping) or set(signal) - known or not {"event", "points"} <= set(signal):
        raise ValidationError(
            {"signals": _("Expected “event”, “points”, and perhaps “most”, “property” and “is_value”.")}
        )
    event, points, most = signal["event"], signal["points"], signal.get("most", 10)
    try:
        validate_event_name(event)
    except ValidationError as error:
        raise ValidationError({"signals": f"{event}: {error.messages[0]}"}) from error
    if not _is_within(points, HEAVIEST) or points == 0:
        reason = _("%(event)s: points are a whole number from −%(most)s to %(most)s, and not 0.")
        raise ValidationError({"signals": reason % {"event": event, "most": HEAVIEST}})
    if not _is_within(most, MOST_TIMES) or most < 1:
        reason = _("%(event)s: counts at least once, at most %(most)s times.")
        raise ValidationError({"signals": reason % {"event": event, "most": MOST_TIMES}})
    prop, value = str(signal.get("property") or "").strip(), str(signal.get("is_value") or "").strip()
    if len(prop) > LONGEST_NAME or len(value) > LONGEST_NAME or bool(prop) != bool(value):
        reason = _("%(event)s: name the property and its value, both or neither.")
        raise ValidationError({"signals": reason % {"event": event}})
    return dict(Signal(event, points, most, prop, value).as_stored())


def _is_within(number: Any, most: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and abs(number) <= most
