"""From a real purchase log to stages and retention, held to plain Python over the raw file."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client

from clm.accounts.models import Organisation, User
from lifecycle.models import StagePeriod
from tests.lifecycle.plain import Facts, stage_on

UTC_ZONE = ZoneInfo("UTC")
DATES = [date(1997, 3, 31), date(1997, 9, 30), date(1997, 12, 31), date(1998, 6, 30)]
ACTIVE_FOR = 180


def raw_file() -> Path:
    spec = find_spec("lifetimes")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "datasets" / "CDNOW_master.txt"


def purchases() -> dict[str, list[tuple[datetime, int]]]:
    """Customer to (instant, cents), straight from the file."""
    bought: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for line in raw_file().read_text().splitlines()[1:]:
        customer, day, _number, amount = line.split()
        at = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
        bought[customer].append((at, int(Decimal(amount) * 100)))
    return bought


def stages_by_hand(bought: dict[str, list[tuple[datetime, int]]], day: date) -> Counter[str]:
    """Nobody leaves a stage without another rule holding, so the last rule that held is the stage."""
    counts: Counter[str] = Counter()
    for rows in bought.values():
        orders = [(at, cents, []) for at, cents in rows if at.date() <= day]
        if orders:
            counts[stage_on(Facts(orders), day, UTC_ZONE) or "discovery"] += 1
    return counts


def retention_by_hand(
    bought: dict[str, list[tuple[datetime, int]]], start: date, end: date
) -> tuple[int, int]:
    """(active at the start, of those still active at the end); active: bought in the last 180 days."""

    def active(on: date) -> set[str]:
        bound = datetime(on.year, on.month, on.day, tzinfo=UTC)
        first = bound - timedelta(days=ACTIVE_FOR)
        return {
            who
            for who, rows in bought.items()
            if any(cents > 0 and first <= at < bound for at, cents in rows)
        }

    before = active(start)
    return len(before), len(before & active(end))


def test_a_file_of_orders_becomes_stages_and_retention_that_plain_python_agrees_with(
    administrator: User, client: Client
) -> None:
    Organisation.objects.update_or_create(
        pk=1, defaults={"currency": "USD", "zone": "UTC", "inactive_after_days": ACTIVE_FOR}
    )
    bought = purchases()

    call_command("import_file", "orders", raw_file(), source="cdnow", currency="USD", zone="UTC", verbosity=0)
    call_command("replay", "swedish-six", verbosity=0)

    for day in DATES:
        end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
        stages = StagePeriod.objects.at(end).values_list("stage__slug", flat=True)
        assert Counter(stages) == stages_by_hand(bought, day)

    client.force_login(administrator)
    answer = client.get("/api/v1/metrics/crr/?from=1998-01-01&to=1998-03-31").json()
    before, kept = retention_by_hand(bought, date(1998, 1, 1), date(1998, 4, 1))
    assert (answer["total"]["denominator"], answer["total"]["numerator"]) == (str(before), str(kept))
    assert Decimal(answer["total"]["value"]) == pytest.approx(Decimal(kept) / before, abs=Decimal("0.0001"))
