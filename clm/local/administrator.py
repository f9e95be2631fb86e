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


def administrator(places: Places) -> Administrator:
    """CLM_ADMIN_EMAIL and CLM_ADMIN_PASSWORD win; else what was made at the first start."""
    email = os.environ.get("CLM_ADMIN_EMAIL") or DEFAULT_EMAIL
    chosen = os.environ.get("CLM_ADMIN_PASSWORD")
    made = keys.kept(places.root / "keys.json", f"password of {email}", lambda: chosen or keys.password())
    return Administrator(email, chosen or made)
