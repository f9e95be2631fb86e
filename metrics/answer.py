"""A metric's answer: the whole, and its rows when it was split."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import cached_property

from metrics.question import Asked
from metrics.result import Result, Unit


@dataclass(frozen=True)
class Row:
    """`keys` name the row for machines ({"stage": "loyalty"}), `labels` for people, in the same order."""

    keys: dict[str, str]
    labels: tuple[str, ...]
    result: Result | None  # null: a month that is not over
    slot: int | None = None  # a stage's colour
    flag: str = ""

    @property
    def label(self) -> str:
        return " → ".join(self.labels)

    @property
    def key(self) -> str:
        return ">".join(self.keys.values())


@dataclass(frozen=True)
class Answer:
    asked: Asked
    total: Result
    rows: list[Row] = field(default_factory=list)

    @property
    def slug(self) -> str:
        return self.asked.definition.slug

    @property
    def unit(self) -> Unit:
        return self.asked.definition.unit

    @property
    def name(self) -> str:
        definition = self.asked.definition
        bare = definition.without_margin and self.asked.setting.organisation.margin is None
        return str(definition.without_margin if bare else definition.name)

    @cached_property
    def by_key(self) -> dict[str, Row]:
        return {row.key: row for row in self.rows}

    def as_json(self) -> dict[str, Any]:
        return {
            "metric": self.slug,
            "name": self.name,
            "definition_version": self.asked.definition.version,
            "question": described(self.asked),
            "total": self.total.as_json(),
            "rows": [
                {
                    "keys": row.keys,
                    "label": row.label,
                    "flag": row.flag,
                    "result": row.result and row.result.as_json(),
                }
                for row in self.rows
            ],
        }

    def as_table(self) -> Iterable[list[str]]:
        """Lines for CSV, the heading first; the total has empty keys."""
        names = list(self.rows[0].keys) if self.rows else []
        columns = [*self.total.as_json()]
        yield [*names, "label", "flag", *columns]
        for row in self.rows:
            yield [*row.keys.values(), row.label, row.flag, *_cells(row.result, columns)]
        yield [*("" for _name in names), "total", "", *_cells(self.total, columns)]


def totals_of(answers: Iterable[Answer]) -> Iterable[list[str]]:
    """Each metric's total in a line for CSV, the heading first."""
    head: list[str] = []
    for answer in answers:
        if not head:
            head = [*answer.total.as_json()]
            yield ["metric", "name", *head]
        yield [answer.slug, answer.name, *_cells(answer.total, head)]


def _cells(result: Result | None, columns: list[str]) -> list[str]:
    shown = result.as_json() if result else {}
    return [_cell(shown.get(column)) for column in columns]


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}={number}" for name, number in value.items())
    return "" if value is None else str(value)


def described(asked: Asked) -> dict[str, str | None]:
    """The question as it was understood; asking it again with these gives the same answer."""
    question = asked.question
    return {
        "start": _instant(question.start),
        "end": _instant(question.end),
        "as_of": _instant(asked.as_of),
        "known_at": _instant(question.known_at),
        "breakdown": question.breakdown,
        "model": question.model.slug if question.model else None,
        "country": question.country or None,
        "channel": question.channel or None,
        "variant": asked.variant or None,
        "survey": question.survey or None,
        "segment": question.segment.slug if question.segment else None,
        "stage": question.stage.slug if question.stage else None,
        "target": question.target.name if question.target else None,
        "days": str(asked.days) if "days" in asked.definition.takes else None,
    }


def _instant(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None
