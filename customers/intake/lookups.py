"""Names in rows to ids of our rows; what is missing and harmless is made."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from django.utils.text import slugify
from django.utils.translation import gettext as _

from clm.accounts.models import ExchangeRate, Team, User
from customers.intake import statements
from customers.intake.batch import Batch
from customers.models import Channel, Company, Product
from customers.once_called import key_of_name, once_named


def channel_ids(names: Iterable[str]) -> dict[str, int]:
    """By slug or name, without regard to case; unknown channels are made."""
    wanted = {name: _slug(name) for name in names}
    Channel.objects.bulk_create(
        [Channel(slug=slug, name=name[:100]) for name, slug in sorted(wanted.items())], ignore_conflicts=True
    )
    ids = dict(Channel.objects.filter(slug__in=wanted.values()).values_list("slug", "pk"))
    return {name: ids[slug] for name, slug in wanted.items()}


def _slug(name: str) -> str:
    return slugify(name, allow_unicode=False)[:64] or f"channel-{name.encode().hex()[:40]}"


def put_channels(batch: Batch) -> None:
    """Replace each row's channel name by `channel_id`."""
    ids = channel_ids({str(row.values["channel"]) for row in batch.rows if "channel" in row.values})
    for row in batch.rows:
        if "channel" in row.values:
            row.values["channel_id"] = ids[str(row.values["channel"])]


def put_products(batch: Batch) -> None:
    """Give each row the `product_id` of its SKU; unknown products are made, known ones stay as they are."""
    first = {str(row.values["sku"]): row.values for row in reversed(batch.rows)}
    Product.objects.bulk_create(
        [
            Product(sku=sku, name=str(values.get("name") or sku), category=str(values.get("category", "")))
            for sku, values in sorted(first.items())
        ],
        ignore_conflicts=True,
    )
    ids = dict(Product.objects.filter(sku__in=first).values_list("sku", "pk"))
    for row in batch.rows:
        row.values["product_id"] = ids[str(row.values["sku"])]


def company_ids(names: Iterable[str]) -> dict[str, int]:
    wanted = set(names)
    known = dict(Company.objects.filter(name__in=wanted).order_by("-pk").values_list("name", "pk"))
    missing = wanted - set(known)
    merged = once_named(missing) if missing else {}
    known |= {name: merged[key] for name in missing if (key := key_of_name(name)) in merged}
    made = Company.objects.bulk_create([Company(name=name) for name in sorted(wanted - set(known))])
    return known | {company.name: company.pk for company in made}


def owner_ids(addresses: Iterable[str]) -> dict[str, int]:
    wanted = list(addresses)
    return dict(User.objects.filter(email__in=wanted, is_active=True).values_list("email", "pk"))


def team_ids(names: Iterable[str]) -> dict[str, int]:
    return dict(Team.objects.filter(name__in=list(names)).values_list("name", "pk"))


def put_owners_and_teams(batch: Batch) -> None:
    """Give each row `owner_id` and `team_id`; rows that name an unknown one are refused, for people are not made."""
    _put_ids(
        batch, "owner", owner_ids, _("There is no user “%(value)s”. Add the user first, or leave it empty.")
    )
    _put_ids(
        batch, "team", team_ids, _("There is no team “%(value)s”. Create the team first, or leave it empty.")
    )


def _put_ids(
    batch: Batch, name: str, ids_of: Callable[[Iterable[str]], Mapping[str, int]], reason: str
) -> None:
    naming = [row for row in batch.rows if name in row.values]
    ids = ids_of({str(row.values[name]) for row in naming})
    for row in naming:
        if row.values[name] in ids:
            row.values[f"{name}_id"] = ids[str(row.values[name])]
    batch.refuse(
        (row, name, reason % {"value": row.values[name]}) for row in naming if row.values[name] not in ids
    )


RATES_LOCK = 0x72617465  # any number that nobody else locks


def keep_rates_as_they_are() -> None:
    """No rate changes until this transaction's rows can be seen by who looks for rows to convert."""
    statements.run("SELECT pg_advisory_xact_lock_shared(%s)", [RATES_LOCK])


def change_rates() -> None:
    """Wait for those who write rows with the rates of now; who comes later reads the new ones."""
    statements.run("SELECT pg_advisory_xact_lock(%s)", [RATES_LOCK])


class Rates:
    """Exchange rates to the reporting currency: that of the day, else the last before it."""

    def __init__(self, reporting: str, currencies: Iterable[str]) -> None:
        self._reporting = reporting
        self._known: dict[str, tuple[list[date], list[Decimal]]] = {}
        foreign = set(currencies) - {reporting}
        for code, on, rate in (
            ExchangeRate.objects.filter(currency__in=foreign)
            .order_by("on")
            .values_list("currency", "on", "rate")
            if foreign
            else ()
        ):
            days, rates = self._known.setdefault(code, ([], []))
            days.append(on)
            rates.append(rate)

    def on(self, currency: str, day: date) -> Decimal | None:
        if currency == self._reporting:
            return Decimal(1)
        days, rates = self._known.get(currency, ([], []))
        place = bisect_right(days, day)
        return rates[place - 1] if place else None


def put_rates(batch: Batch) -> None:
    """Give each row the rate of its currency on its local day; without one it is counted as unconverted."""
    currencies = {str(row.values["currency"]) for row in batch.rows}
    if batch.locks and currencies - {batch.organisation.currency}:
        keep_rates_as_they_are()
    rates = Rates(batch.organisation.currency, currencies)
    zone, reporting, one = batch.organisation.tz, batch.organisation.currency, Decimal(1)
    for row in batch.rows:
        code = row.values["currency"]
        if code == reporting:
            row.values["rate"] = one
            continue
        at = cast(datetime, row.earliest)
        row.values["rate"] = rate = rates.on(str(code), at.astimezone(zone).date())
        batch.taken.unconverted += rate is None
