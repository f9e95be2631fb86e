"""A page with every component: for the tests of the frame and for looking at it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from clm.base.conditions.fields import ConditionsField

NAMES = ["Discovery", "Engagement", "Conversion", "Retention", "Loyalty", "Advocacy"]
COUNTS = [18420, 6310, 1284, 3902, 1147, 318]
ICONS = ["compass", "sparkles", "handshake", "repeat", "heart", "megaphone"]


@dataclass
class DemoResult:
    value: Decimal | None
    unit: str
    currency: str | None = None
    reason: str = ""
    status: str = "ok"
    n: int = 100


class DemoForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the invoice.", max_length=50)
    email = forms.EmailField(label="E-mail", required=False)
    role = forms.ChoiceField(label="Role", choices=[("a", "Analyst"), ("m", "Marketer")])
    note = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("x", "One"), ("y", "Two")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="Send news")


class UploadForm(forms.Form):
    file = forms.FileField(label="Orders")


class WhoForm(forms.Form):
    conditions = ConditionsField(label="Who is in it")


FLOWS = [
    (0, 0, 12000), (0, 1, 2900), (0, 2, 700), (1, 0, 1500), (1, 1, 3500), (1, 2, 900), (1, 6, 300), (2, 3, 800), (2, 2, 350),
    (3, 3, 2400), (3, 4, 420), (3, 6, 250), (3, 1, 300), (4, 4, 800), (4, 5, 160), (4, 3, 120), (5, 5, 300), (6, 3, 90), (6, 6, 600), (5, 0, 1),
]  # fmt: skip


def context() -> dict[str, Any]:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]
    return {
        "cac": DemoResult(Decimal("42.6"), "money", "EUR"),
        "crr": DemoResult(Decimal("0.874"), "percent", status="provisional"),
        "nps": DemoResult(None, "points", reason="No answers in this period."),
        "trend": [5, 6, 6.5, None, 7, 9, 8],
        "stages": [
            {"name": name, "count": count, "icon": icon, "slot": slot}
            for slot, (name, count, icon) in enumerate(zip(NAMES, COUNTS, ICONS, strict=True), start=1)
        ],
        "slots": range(13),
        "flow": {
            "title": "Stage flow",
            "unit": "count",
            "periods": ["1 Oct", "31 Oct"],
            "stages": [*({"name": name} for name in NAMES), {"name": "Churned", "slot": 0}],
            "flows": [{"period": 0, "source": a, "target": b, "value": value} for a, b, value in FLOWS],
        },
        "bars": {
            "unit": "EUR",
            "labels": ["Referral", "Organic search", "E-mail", "Events", "Paid social", "Paid search"],
            "series": [{"name": "CAC", "stage": 3, "values": [18.4, 27.9, 31.2, 58.7, 71.3, 84.9]}],
        },
        "lines": {"unit": "EUR", "labels": months, "series": [{"name": "Revenue", "values": [1200, 1500, 1350, None, 2100, 2600]}]},
        "stacked": {
            "unit": "count", "horizontal": False, "stacked": True, "labels": months,
            "series": [{"name": name, "stage": slot, "values": [count / 10 + i * 30 for i in range(6)]} for slot, (name, count) in enumerate(zip(NAMES, COUNTS, strict=True), start=1)],
        },
        "heat": {
            "unit": "number", "labels": [f"{hour}:00" for hour in range(8, 20)], "row_labels": ["Mon", "Tue", "Wed", "Thu", "Fri"],
            "rows": [[(day * 3 + hour * 7) % 23 for hour in range(12)] for day in range(5)],
        },
        "ages": range(12),
        "cohorts": [
            {"label": f"{month} 2026", "size": 100 + 7 * index, "shares": [1.0 - age * 0.085 if age else 1.0 for age in range(12 - 2 * index)]}
            for index, month in enumerate(months)
        ],
        "form": DemoForm({"name": "", "email": "x", "role": "a"}),
        "upload": UploadForm(),
        "who": WhoForm(),
        "today": date(2026, 11, 22),
        "now": datetime(2026, 11, 22, 12, 30, tzinfo=UTC),
    }  # fmt: skip


@login_not_required
def demo(request: HttpRequest) -> HttpResponse:
    messages.success(request, "12 customers tagged.")
    messages.error(request, "The import failed: line 7 has no date.")
    return render(request, "demo.html", context())


@login_not_required
def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("planted")


@login_not_required
def fails(request: HttpRequest) -> HttpResponse:
    """What an htmx request meets on a bad day."""
    return HttpResponse(
        "<p>never shown</p>", status=int(request.GET["status"]), headers={"X-Request-ID": "abc-1"}
    )


urlpatterns = [
    path("", include("clm.urls")),
    path("demo/", demo, name="demo"),
    path("broken/", broken, name="broken"),
    path("fails/", fails, name="fails"),
    path("forbidden/", forbidden, name="forbidden"),
]
from clm.urls import handler400, handler403, handler404, handler500  # noqa: E402, F401 (Django looks for them here)
