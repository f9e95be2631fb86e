"""What is sent twice is written once: a name for a form's token together with what it was sent with."""

import hashlib
from collections.abc import Mapping
from typing import Any

from clm.accounts.models import User


def key_of(token: str, *, by: User | None, about: object, values: Mapping[str, Any]) -> str:
    """A form that was gone back to and filled in otherwise has the same token, so it is no second sending."""
    content = repr([token, about, sorted((name, str(value)) for name, value in values.items())])
    return f"{by.pk if by else 0}:{hashlib.sha256(content.encode()).hexdigest()}"
