"""One supervisor per checkout."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from clm.local.places import Places


class AlreadyRunning(Exception):
    """Another process of this checkout holds the servers."""


@contextmanager
def held(places: Places) -> Iterator[None]:
    """Hold the checkout's lock. Raises AlreadyRunning at once when somebody else does.

    `lockf`, not `flock`: children that outlive a killed supervisor must not keep the lock alive.
    """
    with (places.root / "lock").open("w") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as refusal:
            raise AlreadyRunning from refusal
        yield
