"""Placeholders take no part in Markdown, cleaning and layout: a mark stands in for each, and they come back last."""

import re

from django.utils.translation import gettext as _

from campaigns.rendering.liquid import PIECE

_MARK = re.compile(r"xlq(\d{1,5})qlx")
_LINK = re.compile(r"\{\{-?\s*links\.\w+\s*-?\}\}")
_WEB = re.compile(r"https?://[^/?#\s\\@]+(?:[/?#]\S*)?", re.IGNORECASE)
_OTHER = re.compile(r"(?:mailto:[^\s@]+@|tel:\+?\d)\S*", re.IGNORECASE)
_OUTPUT_END = re.compile(r"\s*-?\}\}$")


class Slots:
    def __init__(self) -> None:
        self.pieces: list[str] = []

    def held(self, text: str) -> str:
        """The text with marks instead of its placeholders."""
        return PIECE.sub(lambda found: self._mark(found[0]), _MARK.sub("", text))

    def held_in_url(self, url: str) -> str:
        """The same for an address: what is put in becomes part of it and can't change where it leads."""
        if _LINK.fullmatch(url.strip()):
            return self._mark(url.strip())
        return PIECE.sub(lambda found: self._mark(_as_url_part(found[0])), _MARK.sub("", url.strip()))

    def as_url_parts(self, url: str) -> None:
        """An address that came out of Markdown: its placeholders, held already, are to be parts of an address."""
        for mark in _MARK.finditer(url):
            index = int(mark[1])
            if not (mark[0] == url and _LINK.fullmatch(self.pieces[index])):
                self.pieces[index] = _as_url_part(self.pieces[index])

    def returned(self, text: str) -> str:
        return _MARK.sub(lambda found: self._piece(int(found[1])), text)

    def _mark(self, piece: str) -> str:
        self.pieces.append(piece)
        return f"xlq{len(self.pieces) - 1}qlx"

    def _piece(self, index: int) -> str:
        return self.pieces[index] if index < len(self.pieces) else ""


def _as_url_part(piece: str) -> str:
    if not piece.startswith("{{") or "url_encode" in piece:
        return piece
    return _OUTPUT_END.sub(" | url_encode }}", piece)


def url_problem(url: str) -> str:
    """Why this can't be an address in a mail; empty when it can. A placeholder never decides whom it leads to."""
    text = url.strip()
    if _LINK.fullmatch(text):
        return ""
    plain = PIECE.sub("xlq0qlx", text)
    if any(not character.isprintable() for character in plain) or " " in plain:
        return _("An address has no spaces in it.")
    if not (_WEB.fullmatch(plain) or _OTHER.fullmatch(plain)):
        return _("An address starts with https:// and the name of the site; also possible: mailto: and tel:.")
    host = plain.split("/")[2] if plain.lower().startswith("http") else plain.partition("?")[0]
    if "xlq0qlx" in re.split(r"[?#]", host)[0]:
        return _("A placeholder may stand after the name of the site only, not in it.")
    return ""


def image_problem(url: str) -> str:
    if PIECE.search(url) or not _WEB.fullmatch(url.strip()):
        return _("The address of an image starts with https:// and has no placeholders.")
    return ""
