"""Every list and table can be taken out as a file, by whom may; what is not, is named here with the reason."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from campaigns.models import Campaign
from campaigns.suppressing import suppress
from clm.accounts.models import AuditEntry, User
from clm.base import clock
from customers.models import Customer, CustomerMerge, Import, Twins
from customers.tasks_doing import plan
from lifecycle.models import LifecycleModel, Parking, Refusal
from lifecycle.presets import install
from tests.factories import CompanyFactory, CustomerFactory
from tests.test_canary import canary
from tests.test_permissions import ROUTES, Route

__all__ = ["canary"]
TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
TABLE = re.compile(r"<c-table|<table|<c-pagination|<c-cohorts")
EXPORT = re.compile(r'<c-export|accounts/_export\.html|csv="\{\{')
INCLUDE = re.compile(r'include "([^"]+)"')

SETTINGS = "settings, no data"
CONFLICT = "what somebody typed beside what another saved meanwhile"
FORM = "part of a form"
ONE = "of one customer: in the zip of their data, and over the API"
MODEL = "what a model says: the model itself is a file"
TRIED = "what a draft would do, worked out again with every change of it"
EXCEPTIONS = {
    "accounts/_stale.html": CONFLICT,
    "accounts/api_keys.html": SETTINGS,
    "accounts/bulk/change.html": "the last refusals of one change; the list itself is a file",
    "accounts/caught_mail.html": "mail of a try-out, each a file already",
    "accounts/retention.html": SETTINGS,
    "accounts/roles.html": SETTINGS,
    "accounts/teams.html": SETTINGS,
    "accounts/saved_views/views.html": SETTINGS,
    "companies/merge.html": FORM,
    "companies/merge_with.html": FORM,
    "customers/_conflict.html": CONFLICT,
    "customers/_import_mapping.html": FORM,
    "customers/_import_reading.html": FORM,
    "customers/_orders.html": ONE,
    "customers/custom_fields/custom_fields.html": SETTINGS,
    "customers/merging/merge.html": FORM,
    "customers/privacy/privacy.html": ONE,
    "customers/scoring/interest.html": SETTINGS,
    "customers/scoring/thresholds.html": SETTINGS,
    "leads/_conflicts.html": CONFLICT,
    "leads/_panel.html": ONE,
    "leads/_pipelines.html": SETTINGS,
    "leads/_rules.html": SETTINGS,
    "leads/_stale.html": CONFLICT,
    "lifecycle/_axis.html": MODEL,
    "lifecycle/_path.html": ONE,
    "lifecycle/_rehearsal.html": TRIED,
    "lifecycle/_simulated_customers.html": TRIED,
    "lifecycle/_simulated_stages.html": TRIED,
    "lifecycle/_versions.html": MODEL,
    "lifecycle/design/_picture.html": MODEL,
    "lifecycle/design/moves.html": FORM,
    "lifecycle/models.html": MODEL,
    "lifecycle/preset.html": MODEL,
    "tickets/_of_customer.html": ONE,
    "tickets/ticket_form.html": FORM,
}


def test_every_table_has_an_export_or_a_reason() -> None:
    texts = {str(path.relative_to(TEMPLATES)): path.read_text() for path in TEMPLATES.rglob("*.html")}
    pages = {name: text for name, text in texts.items() if not name.startswith("cotton/")}
    including: dict[str, list[str]] = {}
    for name, text in pages.items():
        for included in INCLUDE.findall(text):
            including.setdefault(included, []).append(name)

    def is_given(name: str) -> bool:
        return bool(EXPORT.search(texts[name])) or any(map(is_given, including.get(name, [])))

    bare = {name for name, text in pages.items() if TABLE.search(text) and not is_given(name)}

    assert bare == EXCEPTIONS.keys()


LISTS = [route for route in ROUTES if hasattr(route.view, "exports")]


@pytest.fixture
def plenty(canary: Customer, marketer: User) -> Customer:
    """Beside all that the canary has, what only some lists show."""
    install("danish-twelve", by=None)
    model = LifecycleModel.objects.get(preset="swedish-six")
    first, last = model.stages.order_by("position").first(), model.stages.order_by("position").last()
    Parking.objects.create(customer=canary, model=model, reason="ping-pong")
    Refusal.objects.create(
        customer=canary, original_customer=canary, model=model, from_stage=first, to_stage=last,
        source="person", reason="=forbidden", at=clock.now(),
    )  # fmt: skip
    other, gone = CustomerFactory(), CustomerFactory()
    Twins.objects.create(one=canary, other=other, score=80, likenesses=["name"])
    CustomerMerge.objects.create(loser=gone, winner=other)
    suppress("nobody@example.com", by=marketer)
    plan(canary, by=marketer, values={"title": "Ring", "due_on": date(2026, 6, 1), "owner": marketer})
    Import.objects.create(kind="orders", source="shop", file_name="=orders.csv", counts={"added": 7})
    return canary


def test_every_list_is_a_file_and_each_file_is_told_with_its_count(
    plenty: Customer, administrator: User, sign_in: Callable[[User], Client]
) -> None:
    client, told = sign_in(administrator), {}

    for route in LISTS:
        path = _address(route, plenty)
        lines = _lines(client.get(path, WANTED.get(route.name, {}) | {"format": "csv"}))
        book = client.get(path, WANTED.get(route.name, {}) | {"format": "xlsx"})

        told[route.name] = len(lines) - 1
        assert len({len(line) for line in lines}) == 1, route.name
        assert book["Content-Disposition"].endswith('.xlsx"'), route.name
        assert b"".join(book.streaming_content).startswith(b"PK")
        entries = AuditEntry.objects.filter(details__path=path).order_by("pk")
        assert [(one.actor, one.details["format"]) for one in entries] == [
            (administrator, "csv"),
            (administrator, "xlsx"),
        ], route.name
        assert entries[0].details["rows"] == len(lines) - 1

    assert len(told) > 20
    # Nobody is placed yet, nor one of enough buyers.
    assert {name for name, rows in told.items() if not rows} == {
        "lifecycle-comparison",
        "best-customers",
    }


WANTED = {"tasks": {"tab": "all"}}


def _address(route: Route, canary: Customer) -> str:
    return route.path.replace("/1/", f"/{Campaign.objects.get().pk}/")


def _lines(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_a_file_runs_no_formula_and_is_never_cut_short(
    plenty: Customer, administrator: User, sign_in: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(administrator)

    (line,) = _lines(client.get("/imports/", {"format": "csv"}))[1:]
    monkeypatch.setattr("customers.taking_out.kind_named", {}.__getitem__)  # a row that can't be told
    client.raise_request_exception = False
    broken = client.get("/imports/", {"format": "csv"})

    assert line[1] == "'=orders.csv"
    assert (broken.status_code, "Content-Disposition" in broken.headers) == (500, False)
    assert AuditEntry.objects.filter(action="imports.exported").count() == 1


def test_who_may_not_export_gets_no_file_and_no_button(
    owner: User, marketer: User, sign_in: Callable[[User], Client]
) -> None:
    CompanyFactory()
    page = sign_in(marketer).get("/companies/").content.decode()

    refused = sign_in(owner).get("/companies/", {"format": "csv"})

    assert "/companies/?format=xlsx" in page
    assert refused.status_code == 403
    assert "format=csv" not in sign_in(owner).get("/companies/").content.decode()
    assert not AuditEntry.objects.filter(action="companies.exported").exists()


def test_the_buttons_ask_for_what_is_shown_all_of_its_address(
    marketer: User, sign_in: Callable[[User], Client]
) -> None:
    CompanyFactory(country="DK")
    CustomerFactory(country="DK")

    pages = [
        sign_in(marketer).get(path, {"country": "DK", "sort": "-name"}).content.decode()
        for path in ("/companies/", "/customers/")
    ]

    assert "/companies/?country=DK&amp;sort=-name&amp;format=xlsx" in pages[0]
    assert "/customers/export/?country=DK&amp;sort=-name&amp;format=csv" in pages[1]


def test_a_filter_that_cannot_be_read_shows_its_error_instead_of_a_file(
    marketer: User, sign_in: Callable[[User], Client]
) -> None:
    answer = sign_in(marketer).get("/companies/", {"q": "x", "format": "csv"})

    assert answer["Content-Type"].startswith("text/html")
    assert "at least 2 characters" in answer.content.decode()
