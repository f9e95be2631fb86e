"""The segments that the company's marketers keep."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import User
from clm.demo.models import Made
from clm.demo.staff import marketer
from customers.models import Customer, Segment
from customers.models.segment import SegmentKind
from customers.segments import filling, keeping

PANEL = 12


def _test(condition: str, **parameters: Any) -> dict[str, Any]:
    return {"condition": condition, "parameters": parameters}


def _segments() -> list[tuple[str, str, dict[str, Any]]]:
    """Name, what it is for, conditions; for the languages of the one who loads."""
    bought, loyal = _test("orders", at_least=1), _test("purchase_days", at_least=3, within_days=365)
    return [
        (
            _("Offices"),
            _("They have ordered for a company: the reps look after them."),
            {"all": [_test("field", field="company", operator="is_set"), bought]},
        ),
        (
            _("Big spenders"),
            _("At least 400 in the last year."),
            {"all": [_test("spent", at_least="400", within_days=365)]},
        ),
        (
            _("Loyal in Denmark"),
            _("Invited to tastings in Copenhagen and Aarhus."),
            {"all": [_test("field", field="country", operator="is", value="DK"), loyal]},
        ),
        (
            _("Silent promoters"),
            _("Gave 9 or 10, and have not ordered for two months."),
            {
                "all": [
                    _test("last_nps_score", at_least=9),
                    {"not": _test("purchased_within", days=60)},
                ]
            },
        ),
        (
            _("Left a cart behind"),
            _("In the last two weeks, without an order since."),
            {
                "all": [
                    _test("event", names=["cart.abandoned"], within_days=14),
                    {"not": _test("purchased_within", days=14)},
                ]
            },
        ),
    ]


@transaction.atomic
def make_segments() -> None:
    by = marketer()
    for name, description, conditions in _segments():
        if not Segment.objects.filter(name__iexact=name).exists():
            _note(
                keeping.create(
                    by=by,
                    name=name,
                    kind=SegmentKind.DYNAMIC,
                    description=description,
                    conditions=conditions,
                )
            )
    if not Segment.objects.filter(kind=SegmentKind.STATIC).exists():
        _make_panel(by)


def _make_panel(by: User) -> None:
    name, description = _("Tasting panel"), _("Asked by hand; they get new coffees first.")
    panel = keeping.create(by=by, name=name, kind=SegmentKind.STATIC, description=description)
    best = Customer.objects.filter(purchases__orders__gte=5, country="DK").order_by("-purchases__revenue")
    filling.add(panel, Customer.objects.filter(pk__in=list(best.values_list("pk", flat=True)[:PANEL])), by=by)
    _note(panel)


def _note(segment: Segment) -> None:
    Made.objects.note(Segment, [segment.pk])
