"""The first administrator: an address and a random password, made once."""

import os
from dataclasses import dataclass

from clm.local import keys
from clm.local.places import Places

DEFAULT_EMAIL = "admin@example.com"


@dataclass(frozen=True)
class Administrator:
    email: str
    password: str


def remember_email(places: Places) -> None:
    """Who is chosen once by CLM_ADMIN_EMAIL stays the one that later starts name without it."""
    chosen = os.environ.get("CLM_ADMIN_EMAIL")
    first = keys.kept(places.root / "keys.json", "administrator", lambda: chosen or DEFAULT_EMAIL)
    os.environ["CLM_ADMIN_EMAIL"] = chosen or first


def administrator(places: Places) -> Administrator:
    """Name and password for the account's first day; an account that is there keeps its own.

    CLM_ADMIN_EMAIL and CLM_ADMIN_PASSWORD win; a password nobody chose is made once and kept.
    """
    email = os.environ.get("CLM_ADMIN_EMAIL") or DEFAULT_EMAIL
    chosen = os.environ.get("CLM_ADMIN_PASSWORD")
    return Administrator(
        email, chosen or keys.kept(places.root / "keys.json", f"password of {email}", keys.password)
    )
