"""The board: the list of leads by the steps of a pipeline. What is closed stays on it for a month."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Count, Q, Sum

from clm.accounts.models import Organisation
from clm.base import clock, keyset
from customers.leads.listing import MINE, LeadListing
from customers.leads.pipelines import in_step
from customers.models import Lead, LeadPipeline, PipelineStep
from customers.models.lead import LeadQuerySet
from customers.models.lead_status import IS_OPEN, OPEN

SHOWN = 20
STAYS = timedelta(days=30)
SHOWN_WITH = ("customer", "customer__company", "customer__score", "owner", "channel")


@dataclass
class Column:
    """`total` is in the reporting currency, without the values of `unconverted` leads, whose rate is not known; `after`
    continues the cards, empty at their end.
    """

    step: PipelineStep
    number: int = 0
    total: Decimal = Decimal(0)
    unconverted: int = 0
    cards: list[Lead] = field(default_factory=list)
    after: str = ""

    @property
    def is_open(self) -> bool:
        return self.step.status in OPEN

    @property
    def sort(self) -> str:
        return "next_action_on" if self.is_open else "-closed_at"


@dataclass
class LeadBoard(LeadListing):
    """An address is a state of the board, too: with `pipeline`, and `step` for one column alone."""

    home: ClassVar[str] = "lead-board"
    is_board: ClassVar[str] = "1"

    @cached_property
    def pipeline(self) -> LeadPipeline:
        """The one asked for, else that of the user's team."""
        known = {one.key: one for one in self.pipelines.all}
        return known.get(self.query.get("pipeline", "")) or self.pipelines.of(self.user.team_id)

    @property
    def currency(self) -> str:
        return str(Organisation.objects.current().currency)

    @cached_property
    def columns(self) -> list[Column]:
        """With their numbers, and their first cards; only the one that is asked for, when there is one."""
        columns = self.counted(self.pipeline.steps)
        asked = self.query.get("step", "")
        columns = [one for one in columns if one.step.key == asked] or columns
        if len(columns) == 1:
            return [self._continued(columns[0])]
        return self._begun(columns)

    @cached_property
    def is_one(self) -> bool:
        return len(self.columns) == 1

    def counted(self, steps: Iterable[PipelineStep]) -> list[Column]:
        """One query, whatever the number of columns."""
        wanted = {step.key: Column(step) for step in steps}
        grouped = self._rows.order_by().values("status", "place")
        lacking = Count("pk", filter=Q(value__isnull=False, value_reporting=None))
        for row in grouped.annotate(number=Count("pk"), total=Sum("value_reporting"), unconverted=lacking):
            column = wanted.get(self._key_of(row["status"], row["place"]))
            if column:
                column.number += row["number"]
                column.total += row["total"] or 0
                column.unconverted += row["unconverted"]
        return list(wanted.values())

    @property
    def in_play(self) -> tuple[int, Decimal, int]:
        """How many are open, what they are worth, and of how many the rate is not known."""
        running = [one for one in self.columns if one.is_open]
        worth = sum((one.total for one in running), Decimal(0))
        return sum(one.number for one in running), worth, sum(one.unconverted for one in running)

    def _of_tab(self, seen: LeadQuerySet) -> LeadQuerySet:
        lately = Q(closed_at__gte=clock.now() - STAYS)
        shown = seen.filter(IS_OPEN | lately)
        if self.tab == MINE:
            return shown.filter(owner=self.user)
        return self._lacking(shown)

    @cached_property
    def _rows(self) -> LeadQuerySet:
        return self.narrowed.filter(self.pipelines.leads_of(self.pipeline))

    def _key_of(self, status: str, place: int | None) -> str:
        lead = Lead(status=status, place_id=place, team_id=self.pipeline.team_id)
        return self.pipelines.step_of(lead).key

    def _in(self, column: Column) -> LeadQuerySet:
        return self._rows.filter(in_step(column.step, self.pipeline))

    def _begun(self, columns: list[Column]) -> list[Column]:
        """The first cards of all columns: one query."""
        firsts = [
            keyset.ordered(self._in(one).select_related(None), one.sort).values("pk")[: SHOWN + 1]
            for one in columns
        ]
        found = Lead.objects.filter(pk__in=firsts[0].union(*firsts[1:], all=True))
        leads = list(found.select_related(*SHOWN_WITH))
        self.pipelines.mark(leads)
        for column in columns:
            cards = _sorted([one for one in leads if one.shown_in is column.step], column)
            column.cards = cards[:SHOWN]
            column.after = keyset.cursor_after(cards[SHOWN - 1], column.sort) if len(cards) > SHOWN else ""
        return columns

    def _continued(self, column: Column) -> Column:
        rows = self._in(column).select_related(*SHOWN_WITH)
        page = keyset.page(rows, sort=column.sort, cursor=self.query.get("after", ""), size=SHOWN)
        column.cards, column.after = list(page.rows), page.next
        self.pipelines.mark(column.cards)
        return column


def _sorted(leads: list[Lead], column: Column) -> list[Lead]:
    """As the database sorts them."""

    def place(lead: Lead) -> Any:
        value = getattr(lead, column.sort.removeprefix("-"))
        return (value is None, value, lead.pk) if value else (True, 0, lead.pk)

    return sorted(leads, key=place, reverse=column.sort.startswith("-"))
