"""Questions that are asked over and over: built by the ORM and written as SQL once in each process, then only asked.
PostgreSQL plans them once for each connection, too.

Building one takes longer than the database takes to answer it.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import QuerySet

from clm.base import prepared

MOST = 100
# No row has such an id: they stand in a question's SQL for the numbers that it is asked with.
STAND_INS = range(-(2**61), -(2**61) + 10)
Build = Callable[..., QuerySet[Any, Any]]


@dataclass(frozen=True)
class _Question:
    rows: QuerySet[Any, Any]
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    converters: dict[int, Any]

    def filled(self, numbers: Sequence[int]) -> tuple[Any, ...]:
        given = dict(zip(STAND_INS, numbers, strict=False))
        return tuple([given.get(one, one) if isinstance(one, int) else one for one in self.params])

    def ask(self, numbers: Sequence[int]) -> list[Any]:
        rows = self.rows.all()
        compiler = _copy(self.compiler, rows.db)
        found = prepared.rows(self.sql, self.filled(numbers), rows.db)
        compiler.execute_sql = lambda *_args, **_options: [found]
        compiler.get_converters = lambda _columns: self.converters
        rows.query.get_compiler = lambda *_args, **_options: compiler  # type: ignore[method-assign]
        return list(rows)


def _copy(compiler: Any, using: str) -> Any:
    """What a compiler knows of the columns, with this thread's connection."""
    own = object.__new__(type(compiler))
    own.__dict__.update(compiler.__dict__, connection=connections[using])
    return own


_questions: dict[Hashable, _Question] = {}


def rows(key: Hashable, build: Build, *numbers: int) -> list[Any]:
    """The rows of `build(*numbers)`, read now.

    `key` names all that the question depends on besides the numbers, which may only be compared with columns. What
    `build` looks up or takes from the clock is kept as it was then: it must do neither.
    """
    question = _questions.get(key)  # another thread may empty the store at any moment
    if question is None:
        question = _keep(key, build(*STAND_INS[: len(numbers)]))
    return question.ask(numbers)


def count(key: Hashable, build: Build) -> int:
    """How many rows `build()` has; the same holds for the key."""
    question = _questions.get(key) or _keep(key, build().values("pk"))
    counted = f"SELECT COUNT(*) FROM ({question.sql}) counted"  # noqa: S608 (the ORM's)
    ((found,),) = prepared.rows(counted, question.params)
    return int(found)


def _keep(key: Hashable, built: QuerySet[Any, Any]) -> _Question:
    compiler = built.query.get_compiler(built.db)
    sql, params = compiler.as_sql()
    converters = compiler.get_converters(
        [column for column, *_named in compiler.select[: compiler.col_count]]
    )
    compiler.connection = None  # of a thread that may end
    if len(_questions) >= MOST:
        _questions.clear()
    question = _questions[key] = _Question(built, compiler, sql, tuple(params), converters)
    return question
