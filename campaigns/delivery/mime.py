"""A mail as it goes over the wire. Put together by hand: Django's and Python's own classes take ten times as long."""

import re
from binascii import b2a_qp
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import cached_property, lru_cache

_LINE_BREAKS = re.compile(r"[\r\n\x00]+")
# RFC 5321 says 998 bytes and the line break.
LONGEST_LINE = 990
_PART = "--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"


@dataclass(frozen=True)
class Sender:
    name: str
    address: str
    reply_to: str = ""

    def header(self) -> str:
        return _sender_header(self.name, self.address)


@dataclass(frozen=True)
class Mail:
    """`headers` are our own, of plain ASCII."""

    sender: Sender
    recipient: str
    subject: str
    html: str
    text: str
    message_id: str
    at: datetime
    headers: dict[str, str] = field(default_factory=dict)

    def lines(self, *, allows_8bit: bool = False) -> bytes:
        """Ready for DATA but for its last dot: CRLF everywhere, leading dots doubled."""
        return self.as_8bit if allows_8bit else self._lines(allows_8bit=False)

    @cached_property
    def as_8bit(self) -> bytes:
        """Most servers take it so; written once, while there is time."""
        return self._lines(allows_8bit=True)

    def _lines(self, *, allows_8bit: bool) -> bytes:
        boundary = "=_" + self.message_id.strip("<>").partition("@")[0]
        # A line break before an attribute means nothing in HTML, and keeps lines short enough to go as they are.
        html = self.html.replace(' style="', '\nstyle="')
        parts = [
            self._head(boundary).encode("ascii"),
            _part("plain", self.text, boundary, allows_8bit=allows_8bit),
            _part("html", html, boundary, allows_8bit=allows_8bit),
            f"--{boundary}--\r\n".encode(),
        ]
        return b"".join(parts).replace(b"\r\n.", b"\r\n..")

    def _head(self, boundary: str) -> str:
        lines = {
            "From": self.sender.header(),
            "To": self.recipient,
            "Subject": encoded(self.subject),
            "Date": _date_header(self.at),
            "Message-ID": self.message_id,
            **({"Reply-To": self.sender.reply_to} if self.sender.reply_to else {}),
            **self.headers,
            "MIME-Version": "1.0",
            "Content-Type": f'multipart/alternative; boundary="{boundary}"',
        }
        return "".join(f"{name}: {_one_line(value)}\r\n" for name, value in lines.items()) + "\r\n"


def in_ascii(address: str) -> str:
    """With the domain as mail servers know it: bücher.de is xn--bcher-kva.de."""
    if address.isascii():
        return address
    local, _at, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def encoded(text: str) -> str:
    """A header's text, encoded where it has to be."""
    plain = _LINE_BREAKS.sub(" ", text)
    if plain.isascii() and len(plain) < 900:
        return plain
    return Header(plain, "utf-8", maxlinelen=75, header_name="Subject").encode(linesep="\r\n")


# The same for all mails of a batch.
@lru_cache(maxsize=64)
def _sender_header(name: str, address: str) -> str:
    return formataddr((name, address), "utf-8") if name else address


@lru_cache(maxsize=8)
def _date_header(at: datetime) -> str:
    return format_datetime(at)


def _one_line(value: str) -> str:
    """Nobody's words begin a header of their own; our folded lines stay."""
    if "\n" not in value and "\r" not in value:
        return value
    folded = value.replace("\r\n ", "\0")
    return re.sub(r"[\r\n]+", " ", folded).replace("\0", "\r\n ")


def _part(kind: str, text: str, boundary: str, *, allows_8bit: bool) -> bytes:
    content = text.replace("\r\n", "\n").replace("\r", "\n").encode()
    if not content.endswith(b"\n"):
        content += b"\n"
    encoding, body = _encoded_body(content, allows_8bit=allows_8bit)
    head = _PART.format(boundary=boundary, kind=kind, encoding=encoding).encode()
    return head + body.replace(b"\n", b"\r\n")


def _encoded_body(content: bytes, *, allows_8bit: bool) -> tuple[str, bytes]:
    """As it is where the server takes that; else quoted, which is quicker to undo than to do."""
    fits = max(map(len, content.split(b"\n"))) <= LONGEST_LINE
    if fits and content.isascii():
        return "7bit", content
    if fits and allows_8bit:
        return "8bit", content
    return "quoted-printable", b2a_qp(content, istext=True)
