"""The stage of a company: where the person stands who is furthest along in the primary model and has not fallen away.

Worked out whenever it is asked for, of the people whom the reader sees. Nothing of it is kept, and nobody's own stage
follows from it: `docs/decisions/2026-11-23-stage-of-a-company.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from clm.accounts.models import User
from clm.base.columns import Column, register_for
from customers.company_pages import people_of
from customers.models import Company, Customer
from lifecycle.columns import pill, with_stage
from lifecycle.models.labels import label_of
from lifecycle.models.stage import FALLEN


@dataclass(frozen=True)
class Place:
    """A stage of the primary model, and how many of the company's people are there."""

    slug: str
    name: str
    colour: int
    people: int


@dataclass(frozen=True)
class Standing:
    """`leader` is whose stage it is, there `since`; `places` are in the model's order, `without` have no stage yet."""

    stage: Place
    leader: Customer
    since: datetime
    places: list[Place]
    without: int

    @property
    def is_spread(self) -> bool:
        return len(self.places) > 1 or self.without > 0


def standing_of(company: Company, user: User) -> Standing | None:
    """Of the people whom the user sees; None where none of them has a stage. Two queries."""
    people = people_of(company, user)
    leader = furthest_along(people).first()
    if leader is None:
        return None
    counted = list(_counted(people))
    places = [_place(row) for row in counted if row["stage_id"]]
    without = sum(row["people"] for row in counted if not row["stage_id"])
    here = next(place for place in places if place.slug == leader.stage_slug)
    return Standing(here, leader, leader.stage_since, places, without)


def furthest_along(customers: QuerySet[Any]) -> QuerySet[Any]:
    """Those with a stage: who is at risk or churned comes after all others, then it goes by the order of the stages,
    and of two in one stage the one who came first."""
    placed = _placed(customers).filter(stage_id__isnull=False)
    fallen = Q(stage_place__stage__kind__in=FALLEN)
    led: QuerySet[Any] = placed.annotate(has_fallen=fallen).order_by(
        "has_fallen", "-stage_place__stage__position", "stage_since", "pk"
    )
    return led


def _placed(customers: QuerySet[Any]) -> QuerySet[Any]:
    placed: QuerySet[Any] = with_stage(customers).annotate(stage_slug=F("stage_place__stage__slug"))
    return placed


def _counted(people: QuerySet[Any]) -> QuerySet[Any, Any]:
    named = ("stage_id", "stage_slug", "stage_labels", "stage_colour", "stage_place__stage__position")
    rows: QuerySet[Any, Any] = _placed(people).order_by().values(*named).annotate(people=Count("pk"))
    return rows.order_by(named[-1])


def _place(row: Mapping[str, Any]) -> Place:
    return Place(row["stage_slug"], label_of(row["stage_labels"]), row["stage_colour"], row["people"])


def column_for(user: User) -> Column:
    return Column(
        "stage",
        _("Stage"),
        show=_shown,
        annotate=partial(with_stage_of_company, user=user),
        order=25,
    )


def with_stage_of_company(companies: QuerySet[Any], *, user: User) -> QuerySet[Any]:
    people = Customer.objects.visible_to(user).present().filter(company=OuterRef("pk"))
    leaders = furthest_along(people)
    told: QuerySet[Any] = companies.annotate(
        stage_labels=Subquery(leaders.values("stage_labels")[:1]),
        stage_colour=Subquery(leaders.values("stage_colour")[:1]),
    )
    return told


def _shown(company: Any) -> SafeString | str:
    return pill(company.stage_labels, company.stage_colour)


register_for("companies", column_for)
