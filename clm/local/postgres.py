"""A PostgreSQL of our own: its folder, its start, its end."""

import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from clm.local import keys, ports, processes
from clm.local.account import Account
from clm.local.binaries import CannotServe, PostgresPrograms, postgres_programs
from clm.local.places import Places

NAME = "clm"
PATIENCE = 60.0
SETTINGS = {
    "listen_addresses": ports.LOOPBACK,
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For data that nobody will miss: no wait for the disk.
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    places: Places
    programs: PostgresPrograms
    account: Account
    throwaway: bool = False

    @classmethod
    def found(cls, places: Places, *, throwaway: bool = False) -> "Postgres":
        """Raises CannotServe when no PostgreSQL runs on this machine."""
        account = Account.for_servers()
        return cls(places, postgres_programs(places, account), account, throwaway)

    def start(self) -> str:
        """Start it and wait until it answers. Returns the database's URL."""
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        self._end_unrecorded()
        port = ports.kept_port(self.places, "postgres")
        settings = SETTINGS | (THROWAWAY if self.throwaway else {}) | {"port": str(port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [self.programs["postgres"], "-D", str(self.folder), *options]
        server = processes.start_server(self.places, "postgres", command, port=port, account=self.account)
        self._wait_for(server, port)
        return url(self.places, port)

    @property
    def folder(self) -> Path:
        """The data. One folder per major version: another version cannot read it."""
        home = self.places.root if self.account.reaches(self.places.root) else self.places.outside
        return home / f"postgres-{self.programs.major}"

    def _initialise(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.folder.parent == self.places.outside:
            self.places.outside.chmod(0o755)
        self.account.give(self.folder)
        with tempfile.NamedTemporaryFile("w", prefix="clm-") as password:
            password.write(database_password(self.places))
            password.flush()
            self.account.give(Path(password.name))
            self._initdb(password.name)

    def _initdb(self, password_file: str) -> None:
        # The built-in locale knows all letters and is the same on every system; before 17 there was none.
        locale = (
            ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            if self.programs.major >= 17
            else ["--locale=C.UTF-8"]
        )
        command = [self.programs["initdb"], "-D", str(self.folder), "-U", NAME, "--encoding=UTF8", *locale]
        command += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--no-instructions"]
        command += ["--no-sync"] if self.throwaway else []
        done = subprocess.run(
            command, cwd="/", capture_output=True, text=True, check=False, **self.account.run_as
        )
        if done.returncode:
            raise CannotServe(f"PostgreSQL could not make its folder {self.folder}: {done.stderr.strip()}")

    def _end_unrecorded(self) -> None:
        """A server still on this folder is ended; a lock file that names somebody else's process is removed."""
        lock = self.folder / "postmaster.pid"
        if not lock.exists():
            return
        pid = int(lock.read_text().split()[0])
        if psutil.pid_exists(pid) and str(self.folder) in psutil.Process(pid).cmdline():
            processes.end(processes.Record.of("postgres", pid))
        lock.unlink(missing_ok=True)

    def _wait_for(self, server: subprocess.Popen[bytes], port: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while server.poll() is None and time.monotonic() < deadline:
            try:
                return ensure_database(self.places, port)
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise CannotServe(f"PostgreSQL did not start; its words are in {self.places.logs / 'postgres.log'}.")


def ensure_database(places: Places, port: int) -> None:
    """Raises psycopg.OperationalError while the server does not answer."""
    with psycopg.connect(url(places, port, "postgres"), autocommit=True, connect_timeout=5) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [NAME]).fetchone()
        if known is None:
            connection.execute(f"create database {NAME}")


def url(places: Places, port: int, database: str = NAME) -> str:
    return f"postgres://{NAME}:{database_password(places)}@{ports.LOOPBACK}:{port}/{database}"


def database_password(places: Places) -> str:
    return keys.kept(places.root / "keys.json", "database_password", keys.word)
