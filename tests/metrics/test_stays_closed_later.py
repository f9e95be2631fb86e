"""A stay is closed where it stands: before that was known, it was open; and when all have gone, nobody is still there."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client

from clm.accounts.models import AuditEntry, User
from clm.base.conditions import Asked, parse
from customers.models import Customer
from metrics.drop_off import DropOff
from metrics.lens import Lens, Row
from metrics.names import Names
from tests.metrics.world import World, parts

SignIn = Callable[[User], Client]
BEFORE, SINCE = datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 8, 1, tzinfo=UTC)


@pytest.fixture
def moved(world: World) -> Customer:
    """In Discovery from January to 1 July, when that became known; since then in Conversion."""
    world.model()
    customer = world.customer()
    world.stay(customer, "discovery", "2025-01-01", "2025-07-01")
    world.stay(customer, "conversion", "2025-07-01", recorded_at=datetime(2025, 7, 1, tzinfo=UTC))
    return customer


def test_numbers_hold_a_stay_open_that_nobody_knew_to_be_closed(world: World, moved: Customer) -> None:
    def placed(known_at: datetime) -> dict[str, Decimal | None]:
        asked = {"as_of": "2025-08-31", "known_at": known_at, "breakdown": "stage"}
        found = parts(world.ask("customers-per-stage", "2025-08-01", "2025-08-31", **asked))
        return {stage: value for stage, value in found.items() if value}

    assert (placed(BEFORE), placed(SINCE)) == ({"discovery": 1}, {"conversion": 1})


@pytest.mark.parametrize(("known_at", "stage"), [(BEFORE, "discovery"), (SINCE, "conversion")])
def test_conditions_do_so_too(world: World, moved: Customer, known_at: datetime, stage: str) -> None:
    asked = Asked("UTC", datetime(2025, 9, 1, tzinfo=UTC), known_at)

    def those_in(slug: str) -> list[Customer]:
        told = {"condition": "in_stage", "parameters": {"model": "five", "stages": [slug]}}
        return list(Customer.objects.filter(parse(told).to_q(asked)))

    found = [slug for slug in ("discovery", "conversion") if those_in(slug) == [moved]]
    assert found == [stage]


def test_when_all_have_gone_nobody_is_still_there(world: World, sign_in: SignIn, analyst: User) -> None:
    world.model()
    for left in ("2025-01-04", "2025-01-11"):
        customer = world.customer()
        world.stay(customer, "discovery", "2025-01-01", left)
        world.stay(customer, "conversion", left)

    still = world.ask("stage-survival", "2025-01-01", "2025-01-31", days=90)
    page = sign_in(analyst).get("/lifecycle/stages/time/?from=2025-01-01&to=2025-01-31")

    assert (still.total.value, still.total.reason) == (0, "")
    (_way, shares, last), *none = page.context["board"].marks
    assert (shares[-1], last, none) == ((365, 1), 1, [])


def test_a_csv_of_who_dropped_off_by_no_known_way_names_the_cure(
    world: World, sign_in: SignIn, analyst: User
) -> None:
    world.model()

    refused = sign_in(analyst).get("/lifecycle/stages/drop-off/?how=away&format=csv")

    assert (refused.status_code, "Use one of: left, stalled." in refused.content.decode()) == (400, True)
    assert not AuditEntry.objects.filter(action="drop_off.exported").exists()


def test_a_csv_of_who_dropped_off_is_one_statement_and_holds_no_formula(
    world: World, sign_in: SignIn, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metrics import lens, memory

    world.model()
    for number in range(5):
        customer = Customer.objects.create(name=f"=1+{number}")
        world.stay(customer, "discovery", "2025-01-01")
        world.order(customer, "2025-01-01", str(100 + number))
    monkeypatch.setattr(lens, "PIECE", 2)
    streams: list[str] = []
    stream = memory.stream
    monkeypatch.setattr(
        memory, "stream", lambda *given, **more: streams.append(given[1]) or stream(*given, **more)
    )

    answer = sign_in(analyst).get("/lifecycle/stages/drop-off/?from=2025-01-01&to=2025-03-31&format=csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]

    assert [line.split(",")[1] for line in lines[1:]] == [f"'=1+{number}" for number in (4, 3, 2, 1, 0)]
    assert len(streams) == 1
    assert "LIMIT" not in streams[0].rpartition("ORDER BY")[2]


def test_a_csv_of_who_dropped_off_fails_before_it_begins(
    world: World, sign_in: SignIn, analyst: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*given: object, **more: object) -> Iterator[Row]:
        raise OperationalError("canceling statement due to statement timeout")
        yield

    world.model()
    client = sign_in(analyst)
    monkeypatch.setattr("metrics.memory.stream", late)

    client.raise_request_exception = False
    answer = client.get("/lifecycle/stages/drop-off/?format=csv")

    assert (answer.status_code, "Content-Disposition" in answer.headers) == (503, False)
    assert not AuditEntry.objects.filter(action="drop_off.exported").exists()


def test_a_stream_holds_neither_memory_of_ours_nor_of_the_database_behind_a_pool_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    monkeypatch.setattr("metrics.lens.PIECE", 2)
    world.model()
    asked = DropOff.of(world.question("2025-01-01", "2025-03-31"), world.setting, Names()).asked

    with transaction.atomic():
        rows = Lens.of(asked).stream("SELECT n FROM generate_series(1, 5) n")
        first = next(rows)
        with connection.cursor() as cursor:
            cursor.execute("SELECT is_holdable FROM pg_cursors")
            open_cursors = cursor.fetchall()
        others = [row["n"] for row in rows]

    assert (first["n"], others) == (1, [2, 3, 4, 5])
    assert open_cursors == [(False,)]


def test_bars_without_a_value_are_not_drawn(world: World, sign_in: SignIn, analyst: User) -> None:
    customer = world.customer()
    world.touch(customer, "2025-03-01", "search")
    world.order(customer, "2025-03-05")
    client, march = sign_in(analyst), "breakdown=channel&from=2025-03-01&to=2025-03-31"

    before = client.get(f"/metrics/cac/?{march}")
    world.spend("2025-03-02", "50", "search")
    world.spend("2025-03-02", "20")
    after = client.get(f"/metrics/cac/?{march}")

    assert before.context["picture"] is None
    assert "No spend is recorded in the period" in before.content.decode()
    assert after.context["picture"]["labels"] == ["Search"]
