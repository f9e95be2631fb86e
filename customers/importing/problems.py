"""The rows of an import that were left out, as a file: with its own columns, to be corrected and brought again."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from customers.models import Import, ImportProblem


def problem_lines(run: Import) -> Iterator[list[object]]:
    """What was wrong comes first, so that a row with too many cells stays one."""
    columns: list[str] = run.options.get("columns", [])
    yield [*_headings(columns), *columns]
    for problem in run.problems.iterator():
        yield [problem.line, problem.column, problem.reason, *_cells(problem)]


def _headings(columns: list[str]) -> list[str]:
    """None that the file has: two columns of one name would be refused."""
    taken = {column.casefold() for column in columns}
    wished = [_("Problem in line"), _("Problem in column"), _("Problem")]
    return [f"{name} *" if name.casefold() in taken else name for name in wished]


def _cells(problem: ImportProblem) -> list[str]:
    return list(problem.cells) if problem.cells is not None else problem.raw.split("\t")
