"""Random values made once per checkout and kept in a file that only its owner reads."""

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def kept(path: Path, name: str, make: Callable[[], str]) -> str:
    """The value kept under `name`, made at the first asking."""
    values: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if name not in values:
        values[name] = make()
        write_private(path, json.dumps(values, indent=2) + "\n")
    return values[name]


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step; mode 0600 from its first byte."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def long_key() -> str:
    return secrets.token_urlsafe(50)


def password() -> str:
    return secrets.token_urlsafe(12)


def word() -> str:
    """Safe inside a URL and a server's configuration file."""
    return secrets.token_hex(16)
