"""A file in pieces of one transaction each."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from customers.importing.lines import Line, OpenQuote, read_lines
from customers.importing.setup import Setup
from customers.intake.columns import Table, parse_table
from customers.intake.parsing import Parsed, Problem
from customers.intake.reading import Reading

CHUNK = 20_000


@dataclass
class Chunk:
    """`done` counts the file's rows up to and with this piece, read or not: the place to resume from."""

    done: int
    parsed: Parsed
    lines: list[Line] = field(default_factory=list)

    def raw(self, rows: set[int]) -> dict[int, list[str]]:
        """The cells of rows that were refused, by whatever reads or writes them."""
        return {line.number: _storable(line) for line in self.lines if line.number in rows}


def chunks(setup: Setup, *, size: int = CHUNK) -> Iterator[Chunk]:
    """The next piece is read and parsed while the caller writes this one."""
    return _ahead(_chunks(setup, setup.reading(), size))


def _ahead(pieces: Iterator[Chunk]) -> Iterator[Chunk]:
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = reader.submit(next, pieces, None)
            yield piece


def _chunks(setup: Setup, reading: Reading, size: int) -> Iterator[Chunk]:
    """In a thread of its own: nothing here may ask the database."""
    from customers.intake.ordinals import Ordinals  # not at start-up: web processes need no numpy

    done = 0
    ordinals = Ordinals() if setup.kind.keyed else None
    for lines, broken in _pieces(setup, size):
        done += len(lines) + (1 if broken else 0)
        whole, problems = _sorted_out(setup, lines)
        parsed = parse_table(setup.kind, _table(setup, whole), reading, ordinals)
        parsed.problems = sorted([*problems, *parsed.problems, *broken], key=lambda problem: problem.row)
        yield Chunk(done, parsed, lines)


def _pieces(setup: Setup, size: int) -> Iterator[tuple[list[Line], list[Problem]]]:
    """Lists of lines, and at the end of what can be read the reason why."""
    lines = read_lines(setup.path, encoding=setup.shape.encoding, separator=setup.shape.separator)
    piece: list[Line] = []
    skipped = not setup.shape.has_header
    try:
        for line in lines:
            if not skipped:
                skipped = True
                continue
            piece.append(line)
            if len(piece) == size:
                yield piece, []
                piece = []
    except OpenQuote as error:
        yield piece, [Problem(error.line, "", str(error))]
        return
    except UnicodeDecodeError:
        last = piece[-1].number if piece else 0
        yield piece, [Problem(last + 1, "", _("From here on the file is not %s.") % setup.shape.encoding)]
        return
    if piece:
        yield piece, []


def _sorted_out(setup: Setup, lines: list[Line]) -> tuple[list[Line], list[Problem]]:
    """Rows of the right width, and problems for the others."""
    width = len(setup.columns)
    whole = [line for line in lines if not line.broken and len(line.cells) == width]
    if len(whole) == len(lines):
        return whole, []
    return whole, [
        Problem(line.number, "", line.broken or _ragged(len(line.cells), width))
        for line in lines
        if line.broken or len(line.cells) != width
    ]


def _table(setup: Setup, lines: list[Line]) -> Table:
    return Table(
        [line.number for line in lines],
        {name: [line.cells[place] for line in lines] for name, place in setup.mapping.items()},
    )


def _ragged(cells: int, width: int) -> str:
    return _("The row has %(cells)d cells where the file has %(width)d columns.") % {
        "cells": cells,
        "width": width,
    }


def _storable(line: Line) -> list[str]:
    return [str(cell).replace("\x00", "␀").encode("utf-8", "replace").decode() for cell in line.cells]
