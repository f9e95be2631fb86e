"""Handing a mail to the mail server: one connection for many mails, and exactly what became of each."""

import contextlib
import re
import smtplib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend

from campaigns.delivery.mime import Mail

# Taking over may be slow where the server reads the mail first.
LAST_ANSWER_SECONDS = 60
# So long after the guards were asked they are asked again before the point of no return.
FRESH_SECONDS = 2.0
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.\d{1,3}\b")
_NO_SUCH_ADDRESS = (550, 551, 553)


class NotTaken(Exception):
    """The mail server has not taken the mail, for sure."""

    def __init__(self, code: int = 0, words: str = "", *, is_about_address: bool = False) -> None:
        super().__init__(words)
        self.code, self.words, self.is_about_address = code, words, is_about_address

    @property
    def is_final(self) -> bool:
        return self.code >= 500


class SenderRefused(NotTaken):
    """The server takes no mail at all from this sender."""


class ServerAway(NotTaken):
    """The server can't be talked to now; this is not about the mail at hand."""


class NoAnswer(Exception):
    """The mail was handed over whole, and nobody can know whether the server has it."""


class NotAnyMore(Exception):
    """Between the guards and the point of no return, the mail was taken back."""


@dataclass(frozen=True)
class Answer:
    code: int
    words: str


class Medium(ABC):
    """How a mail travels. Used by one thread; `open` before the first mail, `close` after the last."""

    @abstractmethod
    def open(self) -> None:
        """Ready for a mail; does nothing when it is. Raises ServerAway."""

    @abstractmethod
    def hand(self, mail: Mail, *, still_wanted: Callable[[], bool]) -> Answer:
        """Raises NotTaken and its kinds, NoAnswer, NotAnyMore."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> "Medium":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def medium() -> Medium:
    """The one that EMAIL_URL names."""
    backend = get_connection()
    return Smtp(backend) if isinstance(backend, EmailBackend) else Backend(backend)


class Smtp(Medium):
    """Over Django's connection, which knows how to encrypt and sign in; the talk itself is ours."""

    def __init__(self, backend: EmailBackend) -> None:
        self._backend = backend

    def open(self) -> None:
        if self._backend.connection is not None:
            return
        try:
            self._backend.open()
            self._smtp().ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise ServerAway(*_said(error)) from error

    def close(self) -> None:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self._backend.close()
        self._backend.connection = None

    def hand(self, mail: Mail, *, still_wanted: Callable[[], bool]) -> Answer:
        started = time.monotonic()
        try:
            smtp = self._smtp()
            lines = mail.lines(allows_8bit=smtp.has_extn("8bitmime"))
            self._envelope(smtp, mail)
            if time.monotonic() - started > FRESH_SECONDS and not still_wanted():
                self._drop()
                raise NotAnyMore
            smtp.send(lines + b".\r\n")
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self._drop()  # without its last dot the mail is not the server's
            raise NotTaken(*_said(error)) from error
        return self._last_answer(smtp)

    def _envelope(self, smtp: smtplib.SMTP, mail: Mail) -> None:
        """Until the server waits for the mail itself; in one go where it allows that (RFC 2920)."""
        body = " BODY=8BITMIME" if smtp.has_extn("8bitmime") else ""
        said = [
            f"MAIL FROM:<{mail.sender.address}>{body}",
            f"RCPT TO:<{mail.recipient}>",
            "DATA",
        ]
        checks = [self._check_sender, self._check_recipient, self._check_data]
        if smtp.has_extn("pipelining"):
            smtp.send("".join(f"{line}\r\n" for line in said))
            answers = [smtp.getreply() for _ in said]
            if answers[-1][0] == 354 and any(code >= 400 for code, _words in answers):
                self._take_back(smtp)
            for check, answer in zip(checks, answers, strict=True):
                check(*answer)
            return
        for check, line in zip(checks, said, strict=True):
            smtp.putcmd(line)
            check(*smtp.getreply())

    def _take_back(self, smtp: smtplib.SMTP) -> None:
        """The server waits for a mail that it has no recipient for: an empty one, which it can only refuse."""
        smtp.send(b".\r\n")
        smtp.getreply()

    def _check_sender(self, code: int, words: bytes) -> None:
        if code != 250:
            self._refused(code, words, SenderRefused if code >= 500 else NotTaken)

    def _check_recipient(self, code: int, words: bytes) -> None:
        if code not in (250, 251):
            self._refused(code, words, NotTaken, is_about_address=_is_about_address(code, _text(words)))

    def _check_data(self, code: int, words: bytes) -> None:
        if code != 354:
            self._refused(code, words, NotTaken)

    def _last_answer(self, smtp: Any) -> Answer:
        try:
            smtp.sock.settimeout(LAST_ANSWER_SECONDS)
            code, words = smtp.getreply()
            smtp.sock.settimeout(self._backend.timeout)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise NoAnswer(_said(error)[1]) from error
        if code != 250:
            self._refused(code, words, NotTaken)
        return Answer(code, _text(words))

    def _refused(
        self, code: int, words: bytes, kind: type[NotTaken], *, is_about_address: bool = False
    ) -> None:
        if code == 421:
            self._drop()
            raise ServerAway(code, _text(words))
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self._smtp().rset()
        raise kind(code, _text(words), is_about_address=is_about_address)

    def _smtp(self) -> smtplib.SMTP:
        if self._backend.connection is None:
            raise smtplib.SMTPServerDisconnected
        return self._backend.connection

    def _drop(self) -> None:
        if self._backend.connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._backend.connection.close()
        self._backend.connection = None


class Backend(Medium):
    """Any other of Django's mail back ends. What it raises without a code leaves the mail in doubt."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def open(self) -> None:
        self._backend.open()

    def close(self) -> None:
        self._backend.close()

    def hand(self, mail: Mail, *, still_wanted: Callable[[], bool]) -> Answer:
        sender = mail.sender
        headers = {"Message-ID": mail.message_id, **mail.headers}
        message = EmailMultiAlternatives(
            mail.subject,
            mail.text,
            sender.header(),
            [mail.recipient],
            headers=headers,
            reply_to=[sender.reply_to] if sender.reply_to else None,
            connection=self._backend,
        )
        message.attach_alternative(mail.html, "text/html")
        try:
            self._backend.send_messages([message])
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            text = _text(words)
            raise NotTaken(code, text, is_about_address=_is_about_address(code, text)) from error
        except smtplib.SMTPResponseException as error:
            raise NotTaken(*_said(error)) from error
        except Exception as error:  # whatever it was, the mail may have left
            raise NoAnswer(str(error)) from error
        return Answer(250, "")


def _is_about_address(code: int, words: str) -> bool:
    """Whether a refusal says that the address itself is no good: not that it is full, or that we are not welcome."""
    enhanced = _ENHANCED.search(words)
    if enhanced:
        return (enhanced[1], enhanced[2]) == ("5", "1") or words.find("5.2.1") >= 0
    return code in _NO_SUCH_ADDRESS


def _said(error: Exception) -> tuple[int, str]:
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code, _text(error.smtp_error)
    return 0, str(error) or type(error).__name__


def _text(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return text.replace("\0", "")[:1000]
