"""Whom the company looks for, and what shows that somebody is about to buy."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clm.base import clock
from clm.demo.models import Made
from clm.demo.staff import marketer
from customers.models import IdealProfile, Scoring, Threshold
from customers.models.threshold import ThresholdAction
from customers.scoring import keeping
from customers.scoring.thresholds import set_threshold

SIGNALS: list[dict[str, Any]] = [
    {"event": "trial.started", "points": 25, "most": 1},
    {"event": "webinar.attended", "points": 15, "most": 2},
    {"event": "form.submitted", "points": 15, "most": 2},
    {"event": "cart.abandoned", "points": 10, "most": 2},
    {"event": "email.clicked", "points": 6, "most": 4},
    {"event": "page.viewed", "points": 3, "most": 6},
    {"event": "ticket.opened", "points": -5, "most": 2},
]


def _test(weight: int, condition: str, **parameters: Any) -> dict[str, Any]:
    return {"weight": weight, "conditions": {"condition": condition, "parameters": parameters}}


def _profiles() -> list[tuple[str, str, list[dict[str, Any]]]]:
    north = [
        {"condition": "field", "parameters": {"field": "country", "operator": "is", "value": country}}
        for country in ("DK", "SE")
    ]
    return [
        (
            _("Northern offices"),
            _("Companies near our roastery: large orders, short ways."),
            [
                _test(40, "field", field="company", operator="is_set"),
                {"weight": 25, "conditions": {"any": north}},
                _test(20, "spent", at_least="300", within_days=365),
                _test(15, "field", field="phone", operator="is_set"),
                _test(-20, "lapsed", days=365),
            ],
        ),
        (
            _("Coffee lovers at home"),
            _("People who order again and again, and tell their friends."),
            [
                _test(40, "purchase_days", at_least=3, within_days=365),
                _test(25, "event", names=["referral.made", "review.posted"]),
                _test(20, "field", field="company", operator="is_empty"),
                _test(15, "purchased_within", days=60),
            ],
        ),
    ]


@transaction.atomic
def make_scores() -> None:
    by = marketer()
    if not Scoring.objects.current().signals:
        keeping.change_scoring(by=by, values={"signals": SIGNALS})
    for name, description, tests in _profiles():
        if not IdealProfile.objects.filter(name__iexact=name).exists():
            made = keeping.create_profile(by=by, name=name, description=description, tests=tests)
            Made.objects.note(IdealProfile, [made.pk])
    for values in _thresholds():
        if not Threshold.objects.filter(name__iexact=values["name"]).exists():
            Made.objects.note(Threshold, [set_threshold(by=by, values=values).pk])


def _thresholds() -> list[dict[str, Any]]:
    return [
        {"name": _("Hot offices"), "fit": 75, "interest": 20, "action": ThresholdAction.QUALIFY},
        {"name": _("Curious again"), "fit": 50, "interest": 50, "action": ThresholdAction.TASK},
    ]


def forget() -> None:
    """What the demo said shows interest; other signals are the organisation's own."""
    Scoring.objects.filter(signals=SIGNALS).update(signals=[], redefined_at=clock.now())
