"""A file comes in: kept under a name of ours, looked at, and suggestions written down."""

import uuid
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from clm.accounts.models import AuditEntry, Organisation, User
from customers.importing import unpacking
from customers.importing.encodings import UnusableFile
from customers.importing.lines import OpenQuote, read_lines
from customers.importing.mapping import suggest, suggest_date_format, suggest_decimal_mark
from customers.importing.seen import check_may_bring
from customers.importing.setup import DATED
from customers.importing.shape import LOOKED_AT, find_shape, read_columns
from customers.intake.dates import DateFormat
from customers.intake.kinds import Kind, kind_named
from customers.intake.reading import SheetDate, SheetNumber, is_number
from customers.models import Import

FOLDER = "imports"
logger = structlog.get_logger()


def bring(pieces: Iterable[bytes], *, file_name: str, kind: str, source: str, by: User | None) -> Import:
    """Keep the file, streamed and bounded, and draft an import of it.

    Raises UnusableFile, or PermissionDenied for what tells costs; nothing is kept then.
    """
    chosen = kind_named(kind)
    check_may_bring(chosen, by)
    path = Path(settings.MEDIA_ROOT) / FOLDER / f"{uuid.uuid4().hex}.txt"
    try:
        _keep(pieces, path)
        return draft(path, file_name=file_name, kind=chosen, source=source, by=by)
    except BaseException:  # personal data that no row points to would stay for ever
        unpacking.forget(path)
        raise


def _keep(pieces: Iterable[bytes], path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(pieces, path)
    except OSError as error:
        logger.exception("import_not_kept")
        raise UnusableFile(
            _("The file could not be kept: the disk is full or may not be written to. Try again later.")
        ) from error


def _write(pieces: Iterable[bytes], path: Path) -> None:
    size, most = 0, settings.IMPORT_MAX_BYTES
    with path.open("wb") as file:
        for piece in pieces:
            size += len(piece)
            if size > most:
                raise UnusableFile(
                    _("The file is larger than %(most)d MB. Cut it into several.")
                    % {"most": most // (1024 * 1024)}
                )
            file.write(piece)


@transaction.atomic
def draft(path: Path, *, file_name: str, kind: Kind, source: str, by: User | None) -> Import:
    """A workbook is unpacked first: what is read from then on is one sheet of it."""
    unpacked = unpacking.unpack(path) if unpacking.set_aside(path) else None
    shape = unpacked.shape if unpacked else find_shape(path)
    columns = read_columns(path, shape)
    run = Import.objects.create(
        kind=kind.name,
        source=source.strip()[:64],
        file_name=file_name[-255:],
        path=str(path.relative_to(settings.MEDIA_ROOT)),
        encoding=shape.encoding,
        separator=shape.separator,
        has_header=shape.has_header,
        mapping=suggest(kind, columns) if shape.has_header else {},
        options={
            "lines": shape.lines,
            "encoding_sure": shape.is_encoding_sure,
            "zone": Organisation.objects.current().zone,
            **({"sheets": list(unpacked.sheets), "sheet": unpacked.chosen} if unpacked else {}),
        },
        created_by=by,
    )
    suggest_options(run, path)
    AuditEntry.objects.record("import.brought", run, by=by, kind=kind.name)
    return run


def suggest_options(run: Import, path: Path) -> None:
    """Fill in how dates and decimals are written where the file leaves no doubt, but for what a person chose."""
    cells, kind = _cells_by_field(run, path), kind_named(run.kind)
    readers = {name: kind.by_name[name].read for name in cells if name in kind.by_name}
    dates = [text for name, read in readers.items() if read in DATED for text in cells[name]]
    found = suggest_date_format(text for text in dates if not isinstance(text, SheetDate))
    if not found and any(isinstance(text, SheetDate) for text in dates):
        found = DateFormat.ISO
    if found and not run.options.get("date_format"):
        run.options["date_format"] = found.value
    if not run.options.get("decimal_mark_chosen"):
        _suggest_decimal_mark(run, {name: cells[name] for name, read in readers.items() if is_number(read)})
    run.save(update_fields=["options"])


def _suggest_decimal_mark(run: Import, numbers: dict[str, list[str]]) -> None:
    """Once it is known which columns hold numbers; all of them go by one mark."""
    run.options.pop("decimal_mark", None)
    if not numbers:
        return
    rates = [text for text in numbers.pop("rate", []) if not isinstance(text, SheetNumber)]
    amounts = [text for texts in numbers.values() for text in texts if not isinstance(text, SheetNumber)]
    run.options["decimal_mark"] = suggest_decimal_mark(amounts, rates=rates)


def _cells_by_field(run: Import, path: Path) -> dict[str, list[str]]:
    cells: dict[str, list[str]] = {name: [] for name in run.mapping}
    try:
        for line in islice(
            read_lines(path, encoding=run.encoding, separator=run.separator), int(run.has_header), LOOKED_AT
        ):
            for name, place in run.mapping.items():
                if place < len(line.cells):
                    cells[name].append(line.cells[place])
    except (OpenQuote, UnicodeDecodeError):
        pass
    return cells
