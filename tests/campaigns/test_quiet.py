"""Quiet hours by the clock on the customer's wall, also where that clock jumps."""

import os
from datetime import UTC, datetime, time, timedelta
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.advancing import advance
from campaigns.delivery.medium import Smtp
from campaigns.delivery.quiet import QuietHours, zone_of
from campaigns.delivery.sending import deliver
from campaigns.enrolling import enroll
from campaigns.models import Message
from clm.accounts.models import Organisation
from clm.base import clock
from customers.models import Customer
from lifecycle.models import LifecycleModel
from tests.campaigns.outreach import message_step, no_quiet_hours, person, put, running, states
from tests.fixtures.mail import SmtpSink

NIGHT = QuietHours(time(21), time(8))
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = [
    "Europe/Copenhagen", "Europe/London", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
    "Africa/Cairo", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns", "Africa/Casablanca",
]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "is_quiet"),
    [("20:59:59", False), ("21:00", True), ("00:00", True), ("07:59:59", True), ("08:00", False)],
)
def test_a_night_goes_over_midnight(at: str, is_quiet: bool) -> None:
    instant = datetime.fromisoformat(f"2026-06-15T{at}").replace(tzinfo=COPENHAGEN)

    assert NIGHT.at(instant, COPENHAGEN) is is_quiet


def test_the_same_time_twice_is_never_quiet() -> None:
    assert not QuietHours(time(8), time(8)).at(datetime(2026, 6, 15, 8, tzinfo=UTC), ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        ("2026-06-15T22:00+02:00", "2026-06-16T08:00+02:00"),
        ("2026-03-28T23:30+01:00", "2026-03-29T08:00+02:00"),  # clocks go forward in between
        ("2026-10-24T23:30+02:00", "2026-10-25T08:00+01:00"),  # and back
        ("2026-10-25T02:30+01:00", "2026-10-25T08:00+01:00"),  # the second half past two
    ],
)
def test_what_is_held_in_the_evening_goes_at_the_end_of_the_night(evening: str, morning: str) -> None:
    held = datetime.fromisoformat(evening)

    assert NIGHT.release(held, COPENHAGEN) == datetime.fromisoformat(morning)


def test_an_end_that_the_clock_jumps_over_is_the_first_instant_after() -> None:
    quiet = QuietHours(time(21), time(2, 30))

    release = quiet.release(datetime.fromisoformat("2026-03-29T01:30+01:00"), COPENHAGEN)

    assert release.astimezone(COPENHAGEN).isoformat() == "2026-03-29T03:30:00+02:00"


@settings(max_examples=50 * int(os.environ.get("PROPERTY_EXAMPLES", "8")), deadline=None)
@given(
    st.sampled_from(ZONES),
    st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes)),
    st.times(),
    st.times(),
    st.integers(0, 10_000),
)
def test_nothing_is_released_into_quiet_hours_nor_held_for_more_than_a_day(
    zone_name: str, instant: datetime, begins: time, ends: time, spread: int
) -> None:
    quiet, zone = QuietHours(begins, ends), ZoneInfo(zone_name)
    if not quiet.at(instant, zone):
        return

    release = quiet.release(instant, zone, spread=spread)

    assert not quiet.at(release, zone)
    assert instant < release <= instant + timedelta(hours=25, minutes=10)


@pytest.mark.parametrize(
    ("zone", "country", "lives_in"),
    [
        ("America/New_York", "DK", "America/New_York"),
        ("", "DK", "Europe/Copenhagen"),
        ("", "US", "America/New_York"),
        ("", "", "Europe/Amsterdam"),
        ("", "XX", "Europe/Amsterdam"),
    ],
)
def test_the_zone_is_the_customers_the_countrys_or_the_organisations(
    zone: str, country: str, lives_in: str
) -> None:
    organisation = Organisation(zone="Europe/Amsterdam")

    assert zone_of(Customer(zone=zone, country=country), organisation).key == lives_in


def test_a_mail_waits_until_it_is_morning_where_the_customer_is(
    stages: LifecycleModel, smtp_sink: SmtpSink
) -> None:
    from campaigns.advancing import advance
    from campaigns.enrolling import enroll

    no_quiet_hours(quiet_from=time(21), quiet_until=time(8))
    running(message_step())
    put(person(1, zone="Europe/Copenhagen"))
    put(person(2, zone="America/New_York"))
    enroll()
    advance()
    noon = datetime(2027, 1, 15, 12, tzinfo=UTC)  # 7 in New York
    Message.objects.update(expires_at=noon + timedelta(days=2), not_before=noon)

    deliver(noon)

    assert states() == [("sent", ""), ("held", "quiet_hours")]
    held = Message.objects.get(state="held").not_before
    assert timedelta(hours=1) <= held - noon < timedelta(hours=1, minutes=10)
    deliver(held)
    assert len(smtp_sink.to("person2@example.com")) == 1


def test_night_may_fall_while_a_batch_is_on_its_way(
    stages: LifecycleModel, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_quiet_hours(quiet_from=time(21), quiet_until=time(8))
    running(message_step())
    tomorrow = (clock.now() + timedelta(days=1)).date()
    evening = datetime.combine(tomorrow, time(20, 59, 58), tzinfo=UTC)
    for number in (1, 2):
        put(person(number, zone="UTC"))
    enroll(evening)
    advance(evening)

    def takes_long(way: Smtp, *given: Any, **more: Any) -> Any:
        answer = hand(way, *given, **more)
        sleep(2.1)
        return answer

    hand = Smtp.hand
    monkeypatch.setattr(Smtp, "hand", takes_long)
    deliver(evening)

    assert states() == [("sent", ""), ("held", "quiet_hours")]
    assert len(smtp_sink.taken) == 1
