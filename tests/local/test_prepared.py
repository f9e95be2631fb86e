"""When a start may leave out preparing the database."""

from pathlib import Path

import pytest

from clm.local import administrator, prepared
from clm.local.places import Places


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    made = Places(tmp_path).made()
    make_database(made)
    prepared.note(made)
    return made


def make_database(places: Places) -> None:
    folder = places.root / "postgres-18"
    folder.mkdir(exist_ok=True)
    (folder / "PG_VERSION").unlink(missing_ok=True)
    (folder / "PG_VERSION").write_text("18")


def test_what_was_prepared_is_not_prepared_again(places: Places) -> None:
    assert prepared.is_current(places)


def test_a_first_start_prepares(tmp_path: Path) -> None:
    assert not prepared.is_current(Places(tmp_path))


def test_new_code_prepares(places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = tmp_path / "checkout"
    (checkout / "customers" / "migrations").mkdir(parents=True)
    for name in ("uv.lock", "customers/__init__.py", "customers/migrations/0001_initial.py"):
        (checkout / name).write_text("")
    monkeypatch.setattr(prepared, "CHECKOUT", checkout)
    prepared.note(places)

    (checkout / "customers" / "migrations" / "0002_more.py").write_text("more")

    assert not prepared.is_current(places)


@pytest.mark.parametrize("name", ["CLM_ADMIN_EMAIL", "CLM_ADMIN_PASSWORD", "CLM_DEMO"])
def test_another_choice_prepares(places: Places, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "other")

    assert not prepared.is_current(places)


def test_a_new_database_is_prepared(places: Places) -> None:
    (places.root / "postgres-18" / "PG_VERSION").rename(places.root / "gone")
    make_database(places)

    assert not prepared.is_current(places)


def test_a_given_database_is_always_prepared(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/clm")

    assert not prepared.is_current(places)


def test_a_command_in_between_makes_the_next_start_look_again(places: Places) -> None:
    prepared.forget(places)

    assert not prepared.is_current(places)


def test_the_administrator_chosen_once_needs_no_second_telling(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLM_ADMIN_EMAIL", "me@example.com")
    administrator.remember_email(places)
    prepared.note(places)
    password = administrator.administrator(places).password
    monkeypatch.delenv("CLM_ADMIN_EMAIL")

    administrator.remember_email(places)

    assert administrator.administrator(places) == administrator.Administrator("me@example.com", password)
    assert prepared.is_current(places)
