"""Texts of mails for tests."""

from typing import Any

from campaigns.rendering import Text, plain_text


def mail(*blocks: dict[str, str], subject: str = "Hello", preheader: str = "", language: str = "en") -> Text:
    return plain_text(language=language, subject=subject, preheader=preheader, blocks=list(blocks))


def said(text: str) -> dict[str, Any]:
    return {"kind": "text", "text": text}
