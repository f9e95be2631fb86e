"""The kind companies: found by the id of their source, else by their domain, else by their name."""

from collections.abc import Iterable
from typing import cast

from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.domains import domain_of
from customers.intake import lookups
from customers.intake import reading as read
from customers.intake.batch import Batch
from customers.intake.factual import COUNTRY, OWNER, TEAM, key
from customers.intake.kinds import Field, Kind, Row
from customers.intake.reading import Reading, Unreadable, Value
from customers.intake.things import Found, held, keep_keys, known_keys, one_at_a_time, write_things
from customers.models import Company, ExternalKey, Thing
from customers.once_called import once_named


def domain(value: Value, reading: Reading) -> str:
    plain = str(read.text(500)(value, reading))
    if bare := domain_of(plain):
        return bare
    raise Unreadable(_("“%(text)s” is not a domain, such as example.com.") % {"text": plain[:40]})


FIELDS = ("name", "domain", "country", "owner_id", "team_id")


def write_companies(batch: Batch) -> None:
    if batch.locks:
        one_at_a_time(Thing.COMPANY)
    lookups.put_owners_and_teams(batch)
    known = _Known(batch)
    batch.refuse(
        [
            (row, "name", _("A new company needs a name."))
            for row in batch.rows
            if "name" not in row.values and known.of(row) is None
        ]
    )
    found = write_things(batch, Company, Thing.COMPANY, FIELDS, known.found)
    keep_keys(
        Thing.COMPANY,
        batch.source,
        {str(row.values["key"]): found[id(row)].thing.pk for row in batch.rows if "key" in row.values},
    )


class _Known:
    """Companies that the rows may mean, those first that are in the base for longest."""

    def __init__(self, batch: Batch) -> None:
        named = {
            name: {str(row.values[name]) for row in batch.rows if name in row.values}
            for name in ("key", "domain")
        }
        names = {str(row.values["name"]).upper() for row in batch.rows if "name" in row.values}
        keys = known_keys(Thing.COMPANY, batch.source, named["key"])
        merged = once_named(names)
        wanted = (
            Q(pk__in=[*keys.values(), *merged.values()]) | Q(domain__in=named["domain"]) | Q(upper__in=names)
        )
        named_so = Company.objects.annotate(upper=Upper("name")).filter(wanted)
        companies: Iterable[Company] = held(named_so, batch).order_by("-pk")
        self._by: dict[tuple[str, str], Found[Company]] = {}
        found: dict[int, Found[Company]] = {company.pk: Found(company, is_new=False) for company in companies}
        for one in found.values():
            self._learn(one)
        self._by |= {("key", key): found[pk] for key, pk in keys.items() if pk in found}
        for name, pk in merged.items():
            if pk in found:
                self._by.setdefault(("name", name), found[pk])
        named_here = ExternalKey.objects.filter(thing=Thing.COMPANY, source=batch.source, thing_id__in=found)
        self._named = {id(found[pk]) for pk in named_here.values_list("thing_id", flat=True)}

    def of(self, row: Row) -> Found[Company] | None:
        """Who has another id of this source is somebody else, whatever the name or domain."""
        for what, told in _keys_of(row):
            one = self._by.get((what, told))
            if one is not None and (what == "key" or "key" not in row.values or id(one) not in self._named):
                return one
        return None

    def found(self, row: Row) -> Found[Company]:
        """A new one may be named by later rows, too."""
        one = self.of(row) or Found(Company(name=str(row.values["name"])), is_new=True)
        for each in _keys_of(row):
            self._by.setdefault(each, one)
        if "key" in row.values:
            self._named.add(id(one))
        return one

    def _learn(self, one: Found[Company]) -> None:
        self._by["name", one.thing.name.upper()] = one
        if one.thing.domain:
            self._by["domain", one.thing.domain] = one


def _keys_of(row: Row) -> list[tuple[str, str]]:
    """In the order in which they decide."""
    told: list[tuple[str, str]] = [
        (name, cast(str, row.values[name])) for name in ("key", "domain") if name in row.values
    ]
    return [*told, ("name", str(row.values["name"]).upper())] if "name" in row.values else told


COMPANIES = Kind(
    "companies",
    gettext_lazy("Companies"),
    (
        key(gettext_lazy("Company id"), "id", "company_id", "account_id", "org_id"),
        Field(
            "name",
            gettext_lazy("Name"),
            read.text(200),
            aliases=(
                "name",
                "company",
                "company_name",
                "account",
                "organisation",
                "organization",
                "firma",
                "navn",
            ),
        ),
        Field(
            "domain",
            gettext_lazy("Domain"),
            domain,
            aliases=("domain", "website", "web", "url", "homepage", "hjemmeside"),
        ),
        COUNTRY,
        OWNER,
        TEAM,
    ),
    write_companies,
    names_customer=False,
    keyed=False,
    modes=True,
)
