"""`docs/permissions.md` is the decision: who may call which route. Here it is held against every route there is."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from clm.accounts.models import ApiKey, Role, Team, User
from clm.accounts.models.api_key import Scope
from clm.accounts.permissions import CAPABILITIES, Capability
from tests.fixtures.people import made

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "permissions.md"
EVERYONE, NOBODY = "everyone", "–"
PARAMETERS = {"int": "1", "str": "x", "slug": "x", "path": "x", "date": "2026-01-01"}


class Route(NamedTuple):
    name: str
    path: str
    view: Any

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/") and self.name != "api-docs"

    @property
    def methods(self) -> tuple[str, ...]:
        return ("get", "post", "put", "patch", "delete") if self.is_api else ("get", "post")


def routes(patterns: Any = None, prefix: str = "/") -> Iterator[Route]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + _example(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Route(pattern.name or path, path, pattern.callback)
        else:
            yield from routes(pattern.url_patterns, path)


def _example(pattern: Any) -> str:
    """The route with something in place of its parameters."""
    if hasattr(pattern, "_route"):
        return re.sub(r"<(?:(\w+):)?\w+>", lambda found: PARAMETERS[found[1] or "str"], str(pattern))
    return re.sub(r"\(\?P<\w+>[^)]*\)", "x", str(pattern)).strip("^$")


def decided() -> dict[str, tuple[str, str]]:
    """Route name: who reads, who writes; from the second table of the document."""
    rows = re.findall(r"^\| `([\w-]+)` \|[^|]*\| ([\w–]+) \| ([\w–]+) \|", DOCUMENT.read_text(), re.MULTILINE)
    return {name: (reads, writes) for name, reads, writes in rows}


ROUTES = sorted(set(routes()), key=lambda route: route.name)
CLOSED = [route for route in ROUTES if decided().get(route.name, ("",))[0] != EVERYONE]
PEOPLE = {
    "Anna": Role.ADMINISTRATOR,
    "Mona": Role.MANAGER,
    "Mark": Role.MARKETER,
    "Ada": Role.ANALYST,
    "Olga": Role.REP,
}


def test_every_route_is_decided() -> None:
    undecided = [f"{route.name} ({route.path})" for route in ROUTES if route.name not in decided()]

    assert undecided == [], "Add them to docs/permissions.md."


def test_every_decision_is_about_a_route() -> None:
    assert decided().keys() - {route.name for route in ROUTES} == set()


def test_the_roles_are_told_as_they_are() -> None:
    """The first table: a line for each capability, a column for each role."""
    lines = re.findall(r"^\| (\w+) \|[^|]*((?:\| (?:yes|–) ){5})\|$", DOCUMENT.read_text(), re.MULTILINE)
    told = {name: [cell.strip() == "yes" for cell in cells.strip("| ").split("|")] for name, cells in lines}

    assert told == {str(one): [one in CAPABILITIES[role] for role in Role.values] for one in Capability}


class Caller(NamedTuple):
    person: User
    session: str
    browser: Client

    def client(self) -> Client:
        """Signed in, and without what another route has left in the cookies."""
        self.browser.cookies.clear()
        self.browser.cookies["sessionid"] = self.session
        return self.browser


@pytest.fixture(scope="module")
def callers(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Caller]]:
    """One of each role, made once. What a route does to them is undone after it: each test has a savepoint of its own
    inside this transaction.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield {name: _caller(name, role) for name, role in PEOPLE.items()}
        transaction.set_rollback(True)


def _caller(name: str, role: str) -> Caller:
    team = Team.objects.create(name=f"Team of {name}") if role == Role.REP else None
    person, client = made(name, role=role, team=team), Client(raise_request_exception=False)
    client.force_login(person)
    return Caller(person, client.cookies["sessionid"].value, client)


@pytest.fixture
def bare_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refusals are told by their status; the page around them, which has tests of its own, takes most of the time."""
    monkeypatch.setattr("clm.base.errors.render_to_string", lambda *_: "")


@pytest.mark.django_db
@pytest.mark.usefixtures("bare_refusals")
@pytest.mark.parametrize("route", CLOSED, ids=lambda route: route.name)
def test_a_route_lets_in_whom_the_document_names(route: Route, callers: dict[str, Caller]) -> None:
    reads, writes = decided()[route.name]
    clients = {name: caller.client() for name, caller in callers.items()}
    wrong = []

    for method in route.methods:
        needed = reads if method == "get" else writes
        for name, client in clients.items():
            answer = getattr(client, method)(route.path, **_json(route))
            if answer.streaming:
                answer.getvalue()  # a file that is read is let go
            status = answer.status_code
            if not _is_right(status, allowed=needed in CAPABILITIES[PEOPLE[name]]):
                wrong.append(f"{method} {route.path} as {name}: {status}, needs {needed}")

    assert wrong == []


def _json(route: Route) -> dict[str, str]:
    return {"content_type": "application/json"} if route.is_api else {}


def _is_right(status: int, *, allowed: bool) -> bool:
    """404 is an answer for those who may: there is no such object."""
    return status < 500 and status not in (401, 403) if allowed else status in (403, 405)


@pytest.fixture(scope="module")
def stranger_client() -> Client:
    return Client()


@pytest.mark.django_db
@pytest.mark.parametrize("route", CLOSED, ids=lambda route: route.name)
def test_a_route_asks_strangers_to_sign_in(route: Route, stranger_client: Client) -> None:
    client = stranger_client
    client.cookies.clear()

    for method in route.methods:
        answer = getattr(client, method)(route.path, **_json(route))
        if route.is_api:
            assert answer.status_code == 401, (method, route)
        else:
            assert (answer.status_code, answer.headers["Location"].startswith("/account/login/")) == (
                302,
                True,
            ), (method, route)


@pytest.fixture(scope="module")
def reader(callers: dict[str, Caller], django_db_blocker: Any) -> Client:
    """A program with a key that only reads; an administrator's."""
    owner = callers["Anna"].person
    with django_db_blocker.unblock():
        _key, secret = ApiKey.objects.issue(name="Reader", scope=Scope.READ, owner=owner, by=owner)
    return Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False)


@pytest.mark.django_db
@pytest.mark.parametrize("route", [route for route in ROUTES if route.is_api], ids=lambda route: route.name)
def test_a_key_that_reads_never_writes(route: Route, reader: Client) -> None:
    for method in route.methods:
        status = getattr(reader, method)(route.path, content_type="application/json").status_code
        reads = method == "get" or getattr(route.view.cls, "reads_by_post", False)
        assert _is_right(status, allowed=reads), (method, route, status)
