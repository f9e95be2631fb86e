"""The journey map: what columns say, who may write them, stale writes, and the playbook where it is needed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clm.accounts.models import AuditEntry, Team, User
from customers.models import Customer
from lifecycle.admission import MoveSet, admit
from lifecycle.designing.editing import in_work
from lifecycle.mapping import MapChanged, Picture, column_of, columns_of, draw, is_link, suggest
from lifecycle.models import Cause, JourneyMap, Kind, LifecycleModel, Stage
from lifecycle.presets import install, shipped
from lifecycle.publishing import publish
from lifecycle.usual_journeys import SUGGESTIONS

SignIn = Callable[[User], Client]
BOARD = "/lifecycle/models/swedish-six/journey/"
LOYALTY = f"{BOARD}stages/loyalty/"
API = "/api/v1/lifecycle-models/swedish-six/journey/"
SUGGESTED = "/api/v1/lifecycle-models/swedish-six/journey-suggestions/"


@pytest.fixture
def model(db: None) -> LifecycleModel:
    return install("swedish-six", by=None)


def loyalty() -> Stage:
    return Stage.objects.get(model__slug="swedish-six", slug="loyalty")


def typed(**changes: str) -> dict[str, str]:
    given = {
        "thoughts": "They know me.",
        "touchpoints": "E-mail: Thanks\nA call",
        "playbook": "Say thank you.",
    }
    given |= {"assets": "Brewing guide | https://example.com/brew\nhttps://example.com/club\nA mug"}
    return given | {"read": column_of(loyalty()).version} | changes


def test_a_ready_made_model_comes_with_a_filled_map(model: LifecycleModel) -> None:
    columns = columns_of(model)

    assert [column.stage.slug for column in columns] == [
        "discovery", "engagement", "conversion", "retention", "loyalty", "advocacy", "churned",
    ]  # fmt: skip
    assert all(column.picture.thoughts and column.picture.playbook for column in columns)
    assert set(SUGGESTIONS) == set(Kind)


def test_suggestions_leave_what_is_written_alone(model: LifecycleModel, marketer: User) -> None:
    JourneyMap.objects.exclude(stage__slug="loyalty").delete()
    draw(loyalty(), Picture(thoughts="Ours"), read=None, by=marketer)

    filled = suggest(model, by=marketer)

    assert (len(filled), suggest(model, by=marketer)) == (6, [])
    assert column_of(loyalty()).picture == Picture(thoughts="Ours")


def test_a_column_is_saved_as_it_was_typed(
    model: LifecycleModel, sign_in: SignIn, marketer: User, north: Team
) -> None:
    answer = sign_in(marketer).post(LOYALTY, typed(owner_team=str(north.pk)))

    saved = column_of(loyalty()).picture
    assert (answer.status_code, answer["Location"]) == (302, BOARD)
    assert saved.touchpoints == ({"channel": "E-mail", "what": "Thanks"}, {"channel": "", "what": "A call"})
    assert saved.assets == (
        {"title": "Brewing guide", "href": "https://example.com/brew"},
        {"title": "https://example.com/club", "href": "https://example.com/club"},
        {"title": "A mug", "href": ""},
    )
    assert (saved.owner_team, saved.thoughts) == (north, "They know me.")
    entry = AuditEntry.objects.filter(action="journey.changed").get()
    assert (entry.actor, entry.details["model"]) == (marketer, "swedish-six")
    assert "assets" in entry.details["fields"]


def test_what_was_changed_meanwhile_is_told_and_not_overwritten(
    model: LifecycleModel, sign_in: SignIn, marketer: User, manager: User
) -> None:
    client, late = sign_in(marketer), typed(thoughts="Mine")
    draw(loyalty(), Picture(thoughts="Of the manager"), read=None, by=manager)

    refused = client.post(LOYALTY, late)

    assert refused.status_code == 409
    assert "Of the manager" in refused.content.decode()
    assert "Mine" in refused.content.decode()
    assert column_of(loyalty()).picture.thoughts == "Of the manager"
    again = refused.context["form"].data
    assert client.post(LOYALTY, {name: again[name] for name in again}).status_code == 302
    assert column_of(loyalty()).picture.thoughts == "Mine"


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.com",
        "//example.com",
        "https://",
        "http://a b",
        "HTTP",
    ],
)
def test_only_web_addresses_are_links(
    model: LifecycleModel, sign_in: SignIn, marketer: User, href: str
) -> None:
    before = column_of(loyalty())

    refused = sign_in(marketer).post(LOYALTY, typed(assets=f"Look | {href}"))

    assert refused.status_code == 422
    assert "is no web address" in refused.content.decode()
    assert not is_link(href)
    with pytest.raises(ValidationError, match="is no web address"):
        draw(loyalty(), Picture(assets=({"title": "Look", "href": href},)), read=None, by=marketer)
    assert column_of(loyalty()) == before


@pytest.mark.parametrize(
    ("changes", "cure"),
    [
        ({"thoughts": "x" * 5001}, "at most 5000 characters"),
        ({"touchpoints": "x\n" * 31}, "Use at most 30 lines."),
        ({"touchpoints": "Shop:"}, "Every line needs a text."),
        ({"assets": "x" * 301}, "Use at most 300 characters in a line."),
        ({"owner_team": "999999"}, "Select a valid choice"),
    ],
)
def test_what_does_not_fit_is_refused_beside_its_field(
    model: LifecycleModel, sign_in: SignIn, marketer: User, changes: dict[str, str], cure: str
) -> None:
    before = column_of(loyalty())

    refused = sign_in(marketer).post(LOYALTY, typed(**changes))

    assert refused.status_code == 422
    assert cure in refused.content.decode()
    assert column_of(loyalty()) == before


def test_reps_read_and_do_not_write(model: LifecycleModel, sign_in: SignIn, owner: User) -> None:
    client = sign_in(owner)

    board = client.get(BOARD)

    assert board.status_code == 200
    assert "They know me here." in board.content.decode()
    assert "Edit Loyalty" not in board.content.decode()
    assert [client.get(LOYALTY).status_code, client.post(LOYALTY, typed()).status_code] == [403, 403]
    assert client.put(f"{API}loyalty/", "{}", content_type="application/json").status_code == 403


def test_the_board_shows_live_numbers_beside_each_stage(
    model: LifecycleModel, sign_in: SignIn, manager: User
) -> None:
    client = sign_in(manager)
    client.get(BOARD)

    with CaptureQueriesContext(connection) as queries:
        page = client.get(BOARD).content.decode()

    assert page.count("Median stay") == 7
    assert "Numbers of the last 12 months" in page
    assert len(queries) <= 12, len(queries)


def test_an_empty_map_offers_suggestions(sign_in: SignIn, manager: User, model: LifecycleModel) -> None:
    JourneyMap.objects.all().delete()
    client = sign_in(manager)
    assert "Fill empty stages with suggestions" in client.get(BOARD).content.decode()

    answer = client.post(f"{BOARD}suggestions/")

    assert answer.status_code == 302
    assert JourneyMap.objects.count() == 7


def test_programs_fill_the_empty_stages_too(model: LifecycleModel, sign_in: SignIn, marketer: User) -> None:
    JourneyMap.objects.filter(stage__slug__in=["conversion", "loyalty"]).delete()
    client = sign_in(marketer)

    answers = [client.post(SUGGESTED, {}, content_type="application/json") for _time in range(2)]

    assert [(answer.status_code, answer.json()["filled"]) for answer in answers] == [
        (200, ["conversion", "loyalty"]),
        (200, []),
    ]
    entry = AuditEntry.objects.get(action="journey.suggested", door="api")
    assert entry.details["stages"] == ["conversion", "loyalty"]
    assert client.post("/api/v1/lifecycle-models/none/journey-suggestions/").status_code == 404


def test_the_menu_leads_to_the_primary_model_s_map(sign_in: SignIn, analyst: User) -> None:
    client = sign_in(analyst)

    before = client.get("/lifecycle/journey/")["Location"]
    install("swedish-six", by=None)

    assert (before, client.get("/lifecycle/journey/")["Location"]) == ("/lifecycle/models/", BOARD)


@pytest.fixture
def regular(model: LifecycleModel, owner: User) -> Customer:
    customer = Customer.objects.create(name="Ann", owner=owner)
    admit(MoveSet([customer.pk], loyalty(), "", None), source=Cause.API)
    return customer


def test_without_a_stage_there_is_no_playbook(owner: User, sign_in: SignIn, db: None) -> None:
    customer = Customer.objects.create(name="New", owner=owner)

    told = sign_in(owner).get(f"/customers/{customer.pk}/playbook/")

    assert (told.status_code, "hidden" in told.content.decode()) == (200, True)


def put(client: Client, body: dict[str, Any], version: str | None) -> Any:
    headers = {} if version is None else {"If-Match": version}
    return client.put(f"{API}loyalty/", body, content_type="application/json", headers=headers)


def test_the_api_reads_and_writes_a_column(model: LifecycleModel, sign_in: SignIn, marketer: User) -> None:
    client = sign_in(marketer)
    board = client.get(API).json()
    one = client.get(f"{API}loyalty/")
    body = {"thoughts": "New", "assets": [{"title": "Guide", "href": "https://example.com/"}]}

    written = put(client, body, one["ETag"])

    assert [column["stage"] for column in board["columns"]][-1] == "churned"
    assert board["columns"][4] == one.json()
    assert (written.status_code, written.json()["thoughts"], written.json()["playbook"]) == (200, "New", "")
    assert put(client, {"thoughts": "Late"}, one["ETag"]).status_code == 412
    assert put(client, {"thoughts": "Late"}, None).status_code == 428
    assert put(client, {"thoughts": "Now"}, "*").status_code == 200
    assert column_of(loyalty()).picture == Picture(thoughts="Now")


def test_the_api_names_the_field_that_is_wrong(
    model: LifecycleModel, sign_in: SignIn, marketer: User
) -> None:
    before = column_of(loyalty())

    bad = put(sign_in(marketer), {"assets": [{"title": "x", "href": "javascript:alert(1)"}]}, "*")
    unknown = put(sign_in(marketer), {"stage": "x", "mood": "x"}, "*")

    assert (bad.status_code, bad.json()["errors"][0]["attr"]) == (400, "assets")
    assert {error["attr"] for error in unknown.json()["errors"]} == {"stage", "mood"}
    assert column_of(loyalty()) == before


def test_two_writers_of_the_same_version_do_not_both_win(model: LifecycleModel, marketer: User) -> None:
    read = column_of(loyalty()).version
    draw(loyalty(), Picture(thoughts="First"), read=read, by=marketer)

    with pytest.raises(MapChanged):
        draw(loyalty(), Picture(thoughts="Second"), read=read, by=marketer)

    assert column_of(loyalty()).picture.thoughts == "First"


@pytest.mark.parametrize("door", ["page", "api"])
def test_a_model_begun_from_a_ready_made_one_has_its_map_filled(
    sign_in: SignIn, administrator: User, model: LifecycleModel, door: str
) -> None:
    asked = {"name": "Ours", "slug": "ours", "start": "preset:danish-six"}
    client = sign_in(administrator)
    if door == "page":
        client.post("/lifecycle/models/new/", asked)
    else:
        client.post("/api/v1/lifecycle-models/", asked, content_type="application/json")
    ours = LifecycleModel.objects.get(slug="ours")

    publish(in_work(ours), by=administrator)

    columns = columns_of(ours)
    assert len(columns) == len(shipped()["danish-six"].stages)
    assert all(column.picture.thoughts and column.picture.playbook for column in columns)
