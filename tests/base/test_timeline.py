from datetime import UTC, datetime, timedelta

import pytest

from clm.base import timeline
from clm.base.timeline import Entry, Source

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setattr(timeline, "_pages", {})
    return "test"


def source(key: str, hours: list[int]) -> Source:
    entries = [Entry(f"{key}-{n}", START + timedelta(hours=hour), key) for n, hour in enumerate(hours)]
    newest = sorted(entries, key=lambda entry: entry.at, reverse=True)

    def read(record, before, most):
        return [entry for entry in newest if before is None or entry.at < before][:most]

    return Source(key, key, read)


def whole(page: str, most: int) -> list[str]:
    shown, before = [], None
    while True:
        stretch = timeline.read(page, None, before=before, most=most)
        shown += [entry.key for entry in stretch.entries]
        if stretch.next is None:
            return shown
        before = stretch.next


@pytest.mark.parametrize("most", [1, 2, 3, 4, 10])
def test_every_entry_is_shown_once_however_many_share_an_instant(page, most):
    timeline.register(page, source("a", [5, 3, 3, 3, 1]))
    timeline.register(page, source("b", [4, 3, 3, 0]))

    shown = whole(page, most)

    assert sorted(shown) == ["a-0", "a-1", "a-2", "a-3", "a-4", "b-0", "b-1", "b-2", "b-3"]
    assert shown[:2] == ["a-0", "b-0"]
    assert shown[-2:] == ["a-4", "b-3"]


def test_one_source_alone(page):
    timeline.register(page, source("a", [2, 1]))
    timeline.register(page, source("b", [3]))

    assert [entry.key for entry in timeline.read(page, None, only="a").entries] == ["a-0", "a-1"]
