"""Finding ports on the loopback address that nobody else uses."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from clm.local.places import Places

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Nobody answers there and we may listen there. Both are asked: a listener on all addresses hides from one."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        if probe.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def asked(default: int) -> int:
    """The port a person asks for. Raises RuntimeError."""
    text = os.environ.get("PORT") or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise RuntimeError(f"PORT is “{text}”; give a number from 1 to 65535.")
    return int(text)


def first_free(start: int) -> int:
    """The first free port from `start` on. Raises RuntimeError when a hundred are taken."""
    with claimed(start) as port:
        return port


@contextmanager
def claimed(start: int) -> Iterator[int]:
    """The first free port from `start` on, kept from other checkouts. Raises RuntimeError when a hundred are taken.

    Between the choice and the first page lie many seconds, in which another checkout may choose too. So who has
    chosen holds the UDP port of the same number: nobody else needs it, and no kill leaves it behind.
    """
    for port in range(start, min(start + 100, 65536)):
        with socket.socket(type=socket.SOCK_DGRAM) as claim:
            if _takes(claim, port) and is_free(port):
                os.register_at_fork(after_in_child=claim.close)
                yield port
                return
    raise RuntimeError(f"The ports from {start} on are all taken: choose another with PORT.")


def _takes(claim: socket.socket, port: int) -> bool:
    try:
        claim.bind((LOOPBACK, port))
    except OSError:
        return False
    return True


def any_free() -> int:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
    return port


def kept_port(places: Places, name: str) -> int:
    """The port this checkout used for `name` before, or another one when somebody took it meanwhile."""
    kept = known(places)
    if name not in kept or not is_free(kept[name]):
        kept[name] = any_free()
        (places.root / "ports.json").write_text(json.dumps(kept, indent=2) + "\n")
    return kept[name]


def known(places: Places) -> dict[str, int]:
    """The ports this checkout uses, or used when it last ran."""
    path = places.root / "ports.json"
    ports: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    return ports
