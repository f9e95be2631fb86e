"""Bringing the company in, step by step, through the doors that files and programs use."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from clm.accounts.jobs import JobFailed
from clm.accounts.models import ExchangeRate
from clm.demo import SOURCE, fields, staff
from clm.demo.channels import CHANNELS
from clm.demo.company import Company
from clm.demo.models import Demo, DemoState, Made
from clm.demo.products import PRODUCTS
from customers.intake import statements
from customers.intake.taking import MOST_ROWS, take_in
from customers.models import Channel, Customer, Product
from customers.models import Company as Firm

Row = dict[str, object]


@dataclass(frozen=True)
class Step:
    """May be done again: what is there already stays. `size` is its share of the progress bar."""

    size: int
    run: Callable[[], object]


def facts(company: Company) -> Iterator[Step]:
    """Everything that the customers did, and what the company paid."""
    yield Step(50, staff.take_on)
    yield Step(50, fields.define_fields)
    yield Step(50, make_catalogue)
    yield Step(len(company.rates), partial(bring_rates, company.rates))
    yield from _pieces("customers", company.customers)
    yield Step(100, note_firms)
    yield from _pieces("touches", company.touches)
    yield from _pieces("orders", company.orders)
    yield from _pieces("order_lines", [line.row for line in company.lines])
    yield from _pieces("refunds", company.refunds)
    yield from _pieces("events", company.events)
    yield from _pieces("consents", company.consents)
    yield from _pieces("spend", company.spend)


def _pieces(kind: str, rows: Sequence[Row]) -> Iterator[Step]:
    every = iter(rows)
    while piece := list(islice(every, MOST_ROWS)):
        yield Step(len(piece), partial(bring, kind, piece))


class Refused(RuntimeError):
    """The demo's own rows are wrong: a mistake of ours."""


def bring(kind: str, rows: Sequence[Row]) -> None:
    taken = take_in(kind, enumerate(rows, start=1), source=SOURCE)
    if taken.problems:
        raise Refused(f"{kind}: {taken.problems[0]}")


def customer_ids() -> dict[str, int]:
    """By the demo's own ids."""
    return dict(
        statements.rows(
            "SELECT value, customer_id FROM customers_identity"
            " WHERE kind = 'external' AND source = %s AND superseded_at IS NULL",
            [SOURCE],
        )
    )


@transaction.atomic
def make_catalogue() -> None:
    """Channels and products; those of the same name that are here already are used as they are."""
    for channel in CHANNELS:
        slug = channel.name.lower().replace(" ", "-")
        made, is_new = Channel.objects.get_or_create(
            slug=slug, defaults={"name": channel.name, "is_paid": channel.is_paid}
        )
        Made.objects.note(Channel, [made.pk] if is_new else [])
    known = set(Product.objects.values_list("sku", flat=True))
    fresh = Product.objects.bulk_create(
        [
            Product(sku=one.sku, name=one.name, category=one.category)
            for one in PRODUCTS
            if one.sku not in known
        ]
    )
    Made.objects.note(Product, [product.pk for product in fresh])


@transaction.atomic
def bring_rates(rows: Sequence[Row]) -> None:
    known = set(ExchangeRate.objects.values_list("pk", flat=True))
    bring("rates", rows)
    Made.objects.note(ExchangeRate, ExchangeRate.objects.exclude(pk__in=known).values_list("pk", flat=True))


def note_firms() -> None:
    """The companies that came with the customers; each is where its first is, and belongs to the rep of its first."""
    firms = Firm.objects.filter(customer__email__contains="@example.")
    Made.objects.note(Firm, firms.values_list("pk", flat=True))
    people = Customer.objects.filter(company=OuterRef("pk")).order_by("pk")
    firms.filter(country="").update(country=Subquery(people.values("country")[:1]))
    first = people.filter(owner__isnull=False)
    firms.filter(owner=None).update(
        owner=Subquery(first.values("owner")[:1]), team=Subquery(first.values("team")[:1])
    )


def analyse() -> None:
    """Statistics of the tables that just grew, before PostgreSQL gathers them by itself."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def through(steps: Sequence[Step], *, done: int) -> Iterator[tuple[int, int]]:
    """Do the steps after the first `done`, each in a transaction; yields how many are done, and their size.

    Raises JobFailed when the demo is to go meanwhile: whoever removes it waits for the step at work, no longer.
    """
    size = sum(step.size for step in steps[:done])
    for number, step in enumerate(steps[done:], start=done + 1):
        with transaction.atomic():
            if not Demo.objects.select_for_update().filter(state=DemoState.LOADING).first():
                raise JobFailed(_("The demo company is being removed."))
            step.run()
        size += step.size
        yield number, size
