"""A mail as it goes over the wire. Put together by hand: Django's and Python's own classes take ten times as long."""

import re
from base64 import encodebytes
from binascii import b2a_qp
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr

_LINE_BREAKS = re.compile(r"[\r\n\x00]+")
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"(?m)^\.")
_PART = "--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"


@dataclass(frozen=True)
class Sender:
    name: str
    address: str
    reply_to: str = ""

    def header(self) -> str:
        return formataddr((self.name, self.address), "utf-8") if self.name else self.address


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

    def lines(self) -> bytes:
        """Ready for DATA but for its last dot: CRLF everywhere, leading dots doubled."""
        boundary = "=_" + self.message_id.strip("<>").partition("@")[0]
        parts = [
            self._head(boundary).encode("ascii"),
            _part("plain", self.text, boundary),
            _part("html", self.html, boundary),
            f"--{boundary}--\r\n".encode(),
        ]
        return _LEADING_DOT.sub(b"..", b"".join(parts))

    def _head(self, boundary: str) -> str:
        lines = {
            "From": self.sender.header(),
            "To": self.recipient,
            "Subject": encoded(self.subject),
            "Date": format_datetime(self.at),
            "Message-ID": self.message_id,
            **({"Reply-To": self.sender.reply_to} if self.sender.reply_to else {}),
            **self.headers,
            "MIME-Version": "1.0",
            "Content-Type": f'multipart/alternative; boundary="{boundary}"',
        }
        return "".join(f"{name}: {_one_line(value)}\r\n" for name, value in lines.items()) + "\r\n"


def encoded(text: str) -> str:
    """A header's text, encoded where it has to be."""
    plain = _LINE_BREAKS.sub(" ", text)
    if plain.isascii() and len(plain) < 900:
        return plain
    return Header(plain, "utf-8", maxlinelen=75, header_name="Subject").encode(linesep="\r\n")


def _one_line(value: str) -> str:
    """Nobody's words begin a header of their own; our folded lines stay."""
    folded = value.replace("\r\n ", "\0")
    return re.sub(r"[\r\n]+", " ", folded).replace("\0", "\r\n ")


def _part(kind: str, text: str, boundary: str) -> bytes:
    content = text.encode()
    if not content.endswith(b"\n"):
        content += b"\n"
    # Mostly ASCII reads better quoted, and is shorter; else base64 is.
    if len(text) * 10 >= len(content) * 8:
        encoding, body = "quoted-printable", b2a_qp(_LINE_ENDS.sub(b"\n", content), istext=True)
    else:
        encoding, body = "base64", encodebytes(content)
    head = _PART.format(boundary=boundary, kind=kind, encoding=encoding).encode()
    return head + _LINE_ENDS.sub(b"\r\n", body)
