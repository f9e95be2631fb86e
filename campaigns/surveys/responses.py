"""Answers as lists and sums: which stage somebody was in then, how many gave which score, as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import django_filters as filters
from django.conf import settings
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Band, Invitation, Response, Survey
from campaigns.models.response import HIGHEST, SCORES, band_of
from clm.accounts.models import User
from customers.filter_sets import DayFilter, ListFilterSet, Rows
from customers.models import Customer
from lifecycle.models import Stage, StagePeriod

NO_STAGE = "none"


def responses_of(survey: Survey, user: User) -> QuerySet[Response]:
    """Live answers of customers that the user may see."""
    rows = Response.objects.live().filter(survey=survey)
    return rows.filter(customer__in=Customer.objects.visible_to(user)) if user.is_restricted else rows


def with_stage(rows: QuerySet[Response]) -> QuerySet[Response]:
    """`stage_then`: id of the primary model's stage that the customer was in just before answering, as metrics count."""
    stays = StagePeriod.objects.live().filter(
        Q(left_at=None) | Q(left_at__gte=OuterRef("occurred_at")),
        customer=OuterRef("customer"),
        model__is_primary=True,
        entered_at__lte=OuterRef("occurred_at"),
    )
    return rows.annotate(stage_then=Subquery(stays.order_by("entered_at").values("stage")[:1]))


class ResponseFilters(ListFilterSet):
    """Made for rows `with_stage`; `stages` are those that can be chosen."""

    band = filters.ChoiceFilter(
        label=gettext_lazy("Group"), method="of_band", choices=Band.choices, empty_label=gettext_lazy("All")
    )
    score = filters.NumberFilter(label=gettext_lazy("Score"), min_value=0, max_value=HIGHEST)
    language = filters.ChoiceFilter(
        label=gettext_lazy("Language"), choices=settings.LANGUAGES, empty_label=gettext_lazy("All")
    )
    stage = filters.ChoiceFilter(
        label=gettext_lazy("Stage then"), method="of_stage", choices=[], empty_label=gettext_lazy("All")
    )
    commented = filters.ChoiceFilter(
        label=gettext_lazy("Comment"),
        method="with_comment",
        choices=[("yes", gettext_lazy("With a comment"))],
        empty_label=gettext_lazy("All"),
    )
    since = DayFilter("occurred_at", "from", gettext_lazy("From"))
    until = DayFilter("occurred_at", "to", gettext_lazy("To"))

    def __init__(self, *args: Any, stages: list[Stage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stages = {stage.slug: stage.pk for stage in stages}
        shown = [(stage.slug, str(stage)) for stage in stages]
        self.filters["stage"].extra["choices"] = [*shown, (NO_STAGE, _("No stage"))]

    def of_band(self, rows: Rows, name: str, value: str) -> Rows:
        low, high = SCORES[Band(value)]
        return rows.filter(score__gte=low, score__lte=high)

    def of_stage(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(stage_then=self.stages.get(value))

    def with_comment(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.exclude(text="")

    def narrowed(self) -> QuerySet[Response]:
        """None while a filter can't be read; its error stands beside it."""
        return self.qs if self.is_valid() else Response.objects.none()


@dataclass(frozen=True)
class Spread:
    """How many gave which score."""

    scores: list[int]

    @classmethod
    def of(cls, rows: QuerySet[Response]) -> "Spread":
        found = dict(rows.order_by().values_list("score").annotate(n=Count("pk")))
        return cls([found.get(score, 0) for score in range(HIGHEST + 1)])

    @property
    def n(self) -> int:
        return sum(self.scores)

    @property
    def bands(self) -> list[tuple[Band, int]]:
        return [
            (band, sum(n for score, n in enumerate(self.scores) if band_of(score) == band)) for band in Band
        ]

    @property
    def steps(self) -> list[tuple[int, int]]:
        return list(enumerate(self.scores))

    @property
    def top(self) -> int:
        return max(self.scores)


def lines(rows: QuerySet[Response], stages: dict[int, Stage]) -> Iterator[list[object]]:
    """For a file, the heading first."""
    yield [
        _("Answered at"), _("Customer"), _("E-mail"), _("Score"), _("Group"), _("Comment"), _("Language"),
        _("Stage then"), _("Answered by"),
    ]  # fmt: skip
    for row in rows.select_related("customer").order_by("-occurred_at", "-pk").iterator(2000):
        stage = stages.get(row.stage_then or 0)  # type: ignore[attr-defined]
        yield [
            row.occurred_at.isoformat(),
            str(row.customer),
            row.customer.email,
            row.score,
            row.band.label,
            row.text,
            row.language,
            str(stage) if stage else "",
            row.get_via_display(),
        ]


def surveys_for_list(user: User, *, archived: bool = False) -> QuerySet[Survey]:
    """With `answers`, `asked` and `last_at`: three index scans for each survey, of which there are few."""
    mine = Response.objects.live().filter(survey=OuterRef("pk"))
    if user.is_restricted:
        mine = mine.filter(customer__in=Customer.objects.visible_to(user))
    counted = mine.order_by().values("survey")
    asked = Invitation.objects.live().filter(survey=OuterRef("pk")).order_by().values("survey")
    return Survey.objects.filter(archived_at__isnull=not archived).annotate(
        answers=Subquery(counted.annotate(n=Count("pk")).values("n")),
        asked=Subquery(asked.annotate(n=Count("pk")).values("n")),
        last_at=Subquery(counted.annotate(at=Max("occurred_at")).values("at")),
    )
