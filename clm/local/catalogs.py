"""The catalogs in `locale/`: one per language that is not the source's, merged with the code, compiled, checked."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from clm.local.places import CHECKOUT

LANGUAGES = ("da", "sv", "nl", "de")
PLACEHOLDER = re.compile(r"%%|%\(\w+\)[#0 +-]*[\d.]*[a-zA-Z]|%[a-zA-Z]|\{\w*\}")
MARKUP = re.compile(r"</?(?:a|abbr|b|br|code|em|i|kbd|li|ol|p|small|span|strong|time|ul)\b")


def po_file(language: str, checkout: Path = CHECKOUT) -> Path:
    return checkout / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str, checkout: Path = CHECKOUT) -> Catalog:
    """The catalog, or an empty one for a language that has none yet."""
    path = po_file(language, checkout)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False, header_comment="")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def merge(language: str, source: Catalog, checkout: Path = CHECKOUT) -> None:
    """Take in new source strings, without a translation, and drop those that are gone. Keeps every translation."""
    merged = read(language, checkout)
    merged.update(source, no_fuzzy_matching=True)
    write(language, merged, checkout)


def write(language: str, catalog: Catalog, checkout: Path = CHECKOUT) -> None:
    path = po_file(language, checkout)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_as_po(catalog))


def _as_po(catalog: Catalog) -> bytes:
    """The same for the same strings: no dates, no line numbers, sorted by file."""
    head = f"Language: {catalog.locale_identifier}\\n"
    lines = [
        'msgid ""', 'msgstr ""', f'"{head}"', f'"Plural-Forms: {catalog.plural_forms}\\n"',
        '"MIME-Version: 1.0\\n"', '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"', "", "",
    ]  # fmt: skip
    body = BytesIO()
    write_po(
        body,
        catalog,
        width=100,
        omit_header=True,
        sort_by_file=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    return "\n".join(lines).encode() + body.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """The same for the same strings: Babel would write the present into the header."""
    compiled = BytesIO()
    catalog.creation_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(compiled, catalog)
    return compiled.getvalue()


def compile_catalog(language: str, checkout: Path = CHECKOUT) -> None:
    po_file(language, checkout).with_suffix(".mo").write_bytes(compiled(read(language, checkout)))


def findings(language: str, source: Catalog, checkout: Path = CHECKOUT) -> Iterator[str]:
    """What keeps this language from being complete, one sentence each."""
    catalog = read(language, checkout)
    known = {_key(message): message for message in catalog}
    for wanted in source:
        if wanted.id:
            message = known.get(_key(wanted))
            yield from (f"{language}: {quoted(wanted)} {fault}" for fault in _faults(wanted, message))
    for gone in known.keys() - {_key(message) for message in source} - {("", None)}:
        yield f"{language}: “{gone[0]}” is no longer in the code; run `make messages`."
    compiled_file = po_file(language, checkout).with_suffix(".mo")
    if not compiled_file.exists() or compiled_file.read_bytes() != compiled(catalog):
        yield f"{language}: {compiled_file.name} is not what {language}'s catalog compiles to; run `make messages`."


def _key(message: Message) -> tuple[str, str | None]:
    return message.id if isinstance(message.id, str) else message.id[0], message.context


def quoted(message: Message) -> str:
    return f"“{_key(message)[0]}”"


def _faults(wanted: Message, message: Message | None) -> Iterator[str]:
    if message is None:
        yield "is missing; run `make messages` and translate it."
    elif message.fuzzy:
        yield "is marked fuzzy: mend the translation and remove the mark."
    elif bool(wanted.pluralizable) != bool(message.pluralizable):
        yield "changed between one and several forms; run `make messages`."
    elif not all(forms(message)):
        yield "has no translation."
    else:
        yield from _form_faults(wanted, message)


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def _form_faults(wanted: Message, message: Message) -> Iterator[str]:
    """Each form is held against the source form it stands for: the first against one, the others against several."""
    sources = (wanted.id,) if isinstance(wanted.id, str) else tuple(wanted.id)
    for index, form in enumerate(forms(message)):
        original = sources[min(index, len(sources) - 1)]
        if placeholders(form) != placeholders(original):
            yield f"has other placeholders in “{form}”."
        if sorted(MARKUP.findall(form)) != sorted(MARKUP.findall(original)):
            yield f"has other tags in “{form}”."
        if _edges(form) != _edges(original):
            yield f"begins or ends with other spaces or line breaks in “{form}”."


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
