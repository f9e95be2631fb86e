"""Instants are read as the driver reads them, only quicker."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import DataError, connection

from clm.base.timestamps import QuickTzLoader

pytestmark = pytest.mark.django_db


def asked(text: str) -> datetime:
    with connection.cursor() as cursor:
        assert cursor.cursor.adapters.get_loader(1184, psycopg.pq.Format.TEXT) is QuickTzLoader
        cursor.execute("SELECT %s::timestamptz", [text])
        (instant,) = cursor.fetchone()
    assert isinstance(instant, datetime)
    return instant


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-06-30 14:05:06.123456+02", datetime(2026, 6, 30, 12, 5, 6, 123456, UTC)),
        ("2026-06-30 14:05:06.5+00", datetime(2026, 6, 30, 14, 5, 6, 500000, UTC)),
        ("2026-06-30 14:05:06+00", datetime(2026, 6, 30, 14, 5, 6, tzinfo=UTC)),
        ("0001-01-01 00:00:00+00", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31 23:59:59.999999+00", datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
    ],
)
def test_an_instant_is_read_to_the_microsecond(text: str, wanted: datetime) -> None:
    read = asked(text)

    assert read == wanted
    assert read.tzinfo is UTC


def test_in_another_zone_it_is_the_same_instant() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Asia/Kolkata'")

        assert asked("2026-06-30 12:00:00+00") == datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["infinity", "0044-03-15 12:00:00+00 BC", "12000-01-01 00:00:00+00"])
def test_what_no_date_can_say_is_refused_as_before(text: str) -> None:
    with pytest.raises(DataError):
        asked(text)
