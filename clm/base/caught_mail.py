"""Mail that was caught instead of being sent: a maildir whose file names sort by time of arrival."""

import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from itertools import islice
from pathlib import Path

MOST_KEPT = 2_000
KEY = re.compile(r"\d{19}-[0-9a-f]{8}")
# What the envelope said, noted on top of what was sent.
SENDER, RECIPIENT = "Return-Path", "Delivered-To"


@dataclass(frozen=True)
class Caught:
    key: str
    mail: EmailMessage

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(int(self.key.partition("-")[0]) / 1e9, UTC)

    @property
    def recipients(self) -> str:
        return ", ".join(map(str, self.mail.get_all(RECIPIENT, [])))

    @property
    def sender(self) -> str:
        return str(self.mail["From"] or self.mail[SENDER] or "")

    @property
    def subject(self) -> str:
        return str(self.mail["Subject"] or "")

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.mail.items()]

    @property
    def text(self) -> str:
        return _content(self.mail.get_body(("plain",)))

    @property
    def html(self) -> str:
        return _content(self.mail.get_body(("html",)))

    @property
    def attachments(self) -> list[str]:
        return [part.get_filename() or part.get_content_type() for part in self.mail.iter_attachments()]


class CaughtMail:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: bytes, *, sender: str, recipients: list[str]) -> str:
        """Store it in one step, so that nobody reads half a mail. The oldest go when there are too many."""
        key = f"{time.time_ns():019d}-{secrets.token_hex(4)}"
        noted = [f"{SENDER}: <{sender}>", *(f"{RECIPIENT}: {recipient}" for recipient in recipients)]
        for name in ("tmp", "new", "cur"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        draft = self.folder / "tmp" / key
        draft.write_bytes("".join(f"{line}\r\n" for line in noted).encode() + content)
        draft.rename(self.folder / "new" / key)
        for old in self.keys()[MOST_KEPT:]:
            (self.folder / "new" / old).unlink(missing_ok=True)
        return key

    def newest(self, count: int, *, before: str = "", about: str = "") -> list[Caught]:
        """Those older than the one named `before`; `about`: with this text in addresses or subject."""
        keys = (key for key in self.keys() if not before or key < before)
        found = (caught for caught in map(self.one, keys) if caught and _is_about(caught, about.lower()))
        return list(islice(found, count))

    def one(self, key: str) -> Caught | None:
        if not KEY.fullmatch(key):
            return None
        try:
            content = (self.folder / "new" / key).read_bytes()
        except FileNotFoundError:
            return None
        return Caught(key, message_from_bytes(content, policy=policy.default))

    def keys(self) -> list[str]:
        """The newest first."""
        return sorted(self._keys(), reverse=True)

    def _keys(self) -> Iterator[str]:
        inbox = self.folder / "new"
        return (path.name for path in inbox.iterdir()) if inbox.is_dir() else iter(())


def _is_about(caught: Caught, text: str) -> bool:
    return any(text in part.lower() for part in (caught.recipients, caught.sender, caught.subject))


def _content(part: MIMEPart | None) -> str:
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except LookupError:  # a character set that nobody knows
        return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")
