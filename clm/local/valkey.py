"""A Valkey of our own: broker and cache, kept over restarts, never evicting."""

import subprocess
import time
from pathlib import Path

import redis

from clm.local import keys, ports, processes
from clm.local.account import Account
from clm.local.binaries import CannotServe, valkey_program
from clm.local.places import Places

PATIENCE = 20.0


def start(places: Places) -> str:
    """Start it and wait until it answers. Returns its URL. Raises CannotServe."""
    program, port = valkey_program(), ports.kept_port(places, "valkey")
    folder = places.root / "valkey"
    folder.mkdir(mode=0o700, exist_ok=True)
    configuration = places.root / "valkey.conf"
    keys.write_private(configuration, _configuration(places, folder, port))
    server = processes.start_server(
        places, "valkey", [program, str(configuration)], port=port, account=Account()
    )
    _wait_for(server, url(places, port), places)
    return url(places, port)


def url(places: Places, port: int) -> str:
    return f"redis://:{_password(places)}@{ports.LOOPBACK}:{port}/0"


def _password(places: Places) -> str:
    return keys.kept(places.root / "keys.json", "valkey_password", keys.word)


def _configuration(places: Places, folder: Path, port: int) -> str:
    """Production's settings too: see docker-compose.yml."""
    lines = [
        f"bind {ports.LOOPBACK}",
        f"port {port}",
        f'dir "{folder}"',
        f"requirepass {_password(places)}",
        "appendonly yes",
        "appendfsync everysec",
        "maxmemory-policy noeviction",
        'save ""',
    ]
    return "\n".join(lines) + "\n"


def _wait_for(server: subprocess.Popen[bytes], address: str, places: Places) -> None:
    deadline = time.monotonic() + PATIENCE
    with redis.Redis.from_url(address, socket_connect_timeout=1) as client:
        while server.poll() is None and time.monotonic() < deadline:
            try:
                client.ping()
                return
            except redis.RedisError:
                time.sleep(0.02)
    raise CannotServe(f"Valkey did not start; its words are in {places.logs / 'valkey.log'}.")
