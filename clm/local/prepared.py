"""Whether our own database is ready as it is. On most starts it is, and asking Django takes longer than starting.

The mark holds what preparing depends on; it is good for the very database it was made with.
"""

import hashlib
import os
from pathlib import Path

from clm.local.places import CHECKOUT, Places

CHOICES = ("CLM_ADMIN_EMAIL", "CLM_ADMIN_PASSWORD", "CLM_DEMO")


def is_current(places: Places) -> bool:
    """False for a database of somebody else's: we do not know what happened to it meanwhile."""
    mark = _mark(places)
    return mark.exists() and not os.environ.get("DATABASE_URL") and mark.read_text() == _digest(places)


def note(places: Places) -> None:
    _mark(places).write_text(_digest(places))


def forget(places: Places) -> None:
    """Somebody may change the database: the next start looks again."""
    _mark(places).unlink(missing_ok=True)


def _mark(places: Places) -> Path:
    return places.root / "prepared"


def _digest(places: Places) -> str:
    parts = [os.environ.get(name, "") for name in CHOICES]
    parts += [f"{path} {path.stat().st_ino} {path.stat().st_mtime_ns}" for path in _databases(places)]
    packages = (path.parent for path in CHECKOUT.glob("*/__init__.py"))
    code = sorted(path for package in packages for path in package.glob("**/migrations/*.py"))
    parts += [path.read_text() for path in (CHECKOUT / "uv.lock", *code)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _databases(places: Places) -> list[Path]:
    return sorted(
        path for home in (places.root, places.outside) for path in home.glob("postgres-*/PG_VERSION")
    )
