"""The kind customers: who they are. Empty cells never clear what is known."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.types.json import Jsonb

from clm.base import clock
from clm.base.facts import BEGINNING
from customers.custom_fields.checking import lacking, said
from customers.custom_fields.kinds import DoesNotFit, stored
from customers.custom_fields.known import definitions
from customers.intake import lookups, statements
from customers.intake import reading as read
from customers.intake.batch import Batch, Outcome, What
from customers.intake.facts import wake, write_facts
from customers.intake.factual import COUNTRY, CUSTOMER, EMAIL, EVENTS, OWNER, PHONE, TEAM
from customers.intake.kinds import Field, Kind, Row
from customers.intake.newcomers import PROFILE, Newcomer, newcomer, with_name, write_first_values
from customers.intake.people import (
    MATCHES,
    NEW_CUSTOMER,
    Change,
    People,
    write_customers,
    write_profile_changes,
)
from customers.models import CustomField, Event
from customers.models.customer import Kind as CustomerKind
from customers.models.identity import IdentityKind

State = dict[str, object]
KEPT = ("external_id", *PROFILE)


def write_profiles(batch: Batch) -> None:
    _look_up(batch)
    _refuse_nameless(batch)
    _check_own(batch)
    people = People(batch)
    people.resolve()
    _refuse_claims_of_others(batch, people)
    batch.refuse_by_mode(lambda row: row.customer_id not in people.fresh)
    _refuse_incomplete(batch, people)
    people.forget_refused()
    people.lock()
    batch.at = clock.now()
    _Profiles(batch, people).write()
    _record_creation(batch)


def _look_up(batch: Batch) -> None:
    """Names of companies, owners and teams to ids; unknown companies are made, unknown people are not."""
    employed = [row for row in batch.rows if "company" in row.values]
    companies = lookups.company_ids({cast(str, row.values["company"]) for row in employed})
    for row in employed:
        row.values["company_id"] = companies[str(row.values["company"])]
    lookups.put_owners_and_teams(batch)


def _check_own(batch: Batch) -> None:
    """The company's own fields by their definitions; a value that does not fit refuses its row."""
    known = definitions()
    if known:
        batch.refuse(list(_misfits(batch, known)))


def _misfits(batch: Batch, known: Mapping[str, CustomField]) -> Iterator[tuple[Row, str, str]]:
    for row in batch.rows:
        own = cast(dict[str, object], row.values.get("fields") or {})
        for key in own.keys() & known.keys():
            try:
                own[key] = stored(known[key], own[key])
            except DoesNotFit as error:
                yield row, known[key].name, said(known[key], error)


def _refuse_incomplete(batch: Batch, people: People) -> None:
    """Who is made has all that is required, as one made by hand; nothing required is taken away."""
    required = [one for one in definitions().values() if one.is_required and not one.archived_at]
    if required:
        batch.refuse(list(_incomplete(batch.rows, required, people)))


def _incomplete(
    rows: list[Row], required: list[CustomField], people: People
) -> Iterator[tuple[Row, str, str]]:
    """One problem for a row, under the first field that it lacks. A row that is refused gives the next ones nothing."""
    had: dict[int, set[str]] = {}
    for row in rows:
        own = cast(dict[str, object], row.values.get("fields") or {})
        given = {key for key, value in own.items() if value is not None}
        known = had.setdefault(row.customer_id, set())
        due = set() if row.customer_id not in people.fresh else {one.key for one in required} - known
        missing = [one for one in required if one.key in (due | own.keys()) - given]
        if missing:
            yield row, missing[0].name, " ".join(lacking(one) for one in missing)
        else:
            known |= given


def _own_object(value: read.Value, reading: read.Reading) -> dict[str, read.Scalar]:
    """Several choices may come as a list, too; which of them there are is known when they are checked."""
    if isinstance(value, dict):
        value = {name: _joined(inner) for name, inner in value.items()}
    return read.json_object(value, reading)


def _joined(value: object) -> object:
    is_list = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return ", ".join(cast(list[str], value)) if is_list else value


def _refuse_nameless(batch: Batch) -> None:
    """Without the one thing by which customers are to be found in this file."""
    if field := batch.match:
        reason = _("It is empty, but rows are found by it.")
        batch.refuse([(row, field, reason) for row in batch.rows if field not in row.values])


def _refuse_claims_of_others(batch: Batch, people: People) -> None:
    if batch.match and batch.match != CUSTOMER.name:
        reason = _("This id belongs to another customer (number %(pk)d). Correct one of them.")
        claims = people.claims_of_others(IdentityKind.EXTERNAL.value)
        batch.refuse([(row, "customer", reason % {"pk": pk}) for row, pk in claims])
    batch.refuse(
        (
            row,
            "email",
            _("This e-mail address belongs to another customer (number %(pk)d). Correct one of them.")
            % {"pk": pk},
        )
        for row, pk in people.claims_of_others(IdentityKind.EMAIL.value)
    )


class _Profiles:
    """Newcomers of one row are written as they come; whoever else the rows speak of has a state that they change."""

    def __init__(self, batch: Batch, people: People) -> None:
        self.batch, self.people = batch, people
        self.states = self._known_states()
        self.touched: dict[int, None] = {}
        self.changes: list[tuple[int, str, object, bool]] = []

    def write(self) -> None:
        outcomes: list[What] = [self._take(row) for row in self.batch.rows]
        newcomers = self._write_fresh()
        self.people.write_identities()
        self._update_known()
        changes = self._dated()
        # the many first: they come in the order of their index, as long as nobody stands between them
        told = write_first_values(self.batch, newcomers)
        write_profile_changes(self.batch, changes)
        self._count(outcomes)
        wake(told | _earliest(changes))

    def _known_states(self) -> dict[int, State]:
        ids = list({row.customer_id for row in self.batch.rows} - self.people.fresh.keys())
        found = statements.rows(
            "SELECT id, fields, {columns} FROM customers_customer WHERE id = ANY(%s)", [ids], columns=KEPT
        )
        return {
            pk: {"fields": _loaded(own), **dict(zip(KEPT, values, strict=True))} for pk, own, *values in found
        }

    def _take(self, row: Row) -> What:
        pk = row.customer_id
        first = self.people.fresh.get(pk)
        if first is row:
            return "added"
        if first is not None and pk not in self.states:
            self.states[pk] = NEW_CUSTOMER | {"fields": {}, "kind": ""}
            self._apply(first)
        return "amended" if self._apply(row) else "unchanged"

    def _apply(self, row: Row) -> bool:
        """Put the row's values into the customer's state; later rows of the same customer see it."""
        pk = row.customer_id
        state = self.states[pk]
        if not state["external_id"] and "customer" in row.values:
            state["external_id"] = row.values["customer"]
            self.touched[pk] = None
        return self._set_columns(pk, state, row) | self._set_own(pk, state, row)

    def _set_columns(self, pk: int, state: State, row: Row) -> bool:
        values = with_name(row.values, state)
        changed = [name for name in PROFILE if name in values and values[name] != state[name]]
        for name in changed:
            self.changes.append((pk, PROFILE[name], values[name], state[name] in ("", None)))
            state[name] = values[name]
            self.touched[pk] = None
        return bool(changed)

    def _set_own(self, pk: int, state: State, row: Row) -> bool:
        own = cast(dict[str, object], state["fields"])
        given = cast(dict[str, object], row.values.get("fields", {}))
        changed = [name for name, value in given.items() if own.get(name) != value]
        for name in changed:
            self.changes.append((pk, f"fields.{name}", given[name], name not in own))
            own[name] = given[name]
            self.touched[pk] = None
        return bool(changed)

    def _write_fresh(self) -> list[Newcomer]:
        """Returns those whose first values are still to be told."""
        batch, fresh = self.batch, self.people.fresh
        newcomers = [newcomer(row) for pk, row in fresh.items() if pk not in self.states]
        write_customers(newcomers, at=batch.at)
        write_customers([_as_row(pk, self.states[pk]) for pk in fresh if pk in self.states], at=batch.at)
        batch.taken.customers_added += len(fresh)
        return newcomers

    def _update_known(self) -> None:
        touched = [pk for pk in self.touched if pk not in self.people.fresh]
        if not touched:
            return
        types = dict.fromkeys(KEPT, "text") | {
            "company_id": "bigint",
            "owner_id": "bigint",
            "team_id": "bigint",
        }
        columns = {"id": "bigint", "fields": "jsonb"} | types
        statements.run("DROP TABLE IF EXISTS intake_profile")
        statements.run(
            "CREATE TEMP TABLE intake_profile ({columns}) ON COMMIT DROP", columns=statements.typed(columns)
        )
        statements.copy("intake_profile", list(columns), (self._as_update(pk) for pk in touched))
        statements.run(
            "UPDATE customers_customer c SET ({columns}, fields, changed_at) = ROW({values}, p.fields, %s)"
            " FROM intake_profile p WHERE c.id = p.id",
            [self.batch.at],
            columns=KEPT,
            values=statements.each_of("p", KEPT),
        )

    def _as_update(self, pk: int) -> list[object]:
        state = self.states[pk]
        return [pk, Jsonb(state["fields"]), *(state[name] for name in KEPT)]

    def _dated(self) -> list[Change]:
        """The first value of a field holds since ever; a later one since we know it."""
        at, had = self.batch.at, self._fields_with_history()
        dated = []
        for pk, name, value, was_blank in self.changes:
            first = was_blank and (pk, name) not in had
            dated.append((pk, name, value, BEGINNING if first else at))
            had.add((pk, name))
        return dated

    def _fields_with_history(self) -> set[tuple[int, str]]:
        known = [pk for pk in self.touched if pk not in self.people.fresh]
        return set(
            statements.rows(
                "SELECT DISTINCT customer_id, field FROM customers_profilechange"
                " WHERE customer_id = ANY(%s) AND superseded_at IS NULL",
                [known],
            )
        )

    def _count(self, whats: list[What]) -> None:
        taken, rows = self.batch.taken, self.batch.rows
        for what, count in Counter(whats).items():
            setattr(taken, what, getattr(taken, what) + count)
        if self.batch.detailed:
            taken.outcomes = [
                Outcome(row.number, what, row.customer_id) for row, what in zip(rows, whats, strict=True)
            ]


def _as_row(pk: int, state: State) -> dict[str, object]:
    kind = state["kind"] or CustomerKind.PERSON.value
    return state | {"id": pk, "kind": kind, "fields": Jsonb(state["fields"])}


def _loaded(own: object) -> dict[str, object]:
    import json

    return cast(dict[str, object], json.loads(own) if isinstance(own, str) else own)


def _earliest(changes: Iterable[Change]) -> dict[int, datetime]:
    """The arrivals; what holds since ever does not make the first sight earlier."""
    earliest: dict[int, datetime] = {}
    for pk, _name, _value, since in changes:
        earliest[pk] = min(since, earliest.get(pk, since))
    return earliest


def _record_creation(batch: Batch) -> None:
    """Where the file says since when somebody is a customer, that is an event of its own."""
    since = {row.customer_id: row for row in batch.rows if "since" in row.values}
    if not since:
        return
    rows = [
        Row(
            row.number,
            {"name": "customer.created"},
            f"customer.created:{pk}",
            pk,
            cast(datetime, row.values["since"]),
        )
        for pk, row in since.items()
    ]
    events = Batch(EVENTS, rows, batch.source, batch.organisation, batch.by, batch.written_by)
    events.at = batch.at
    write_facts(events, Event, ("name", "properties"))


CUSTOMERS = Kind(
    "customers",
    gettext_lazy("Customers"),
    (
        Field(CUSTOMER.name, CUSTOMER.label, CUSTOMER.read, aliases=("id", *CUSTOMER.aliases)),
        EMAIL,
        PHONE,
        Field(
            "name",
            gettext_lazy("Name"),
            read.text(200),
            aliases=("name", "full_name", "customer_name", "navn", "namn", "naam", "kunde", "kund", "klant"),
        ),
        Field(
            "first_name",
            gettext_lazy("First name"),
            read.text(100),
            aliases=("first_name", "firstname", "given_name", "fornavn", "vorname", "förnamn", "voornaam"),
        ),
        Field(
            "last_name",
            gettext_lazy("Last name"),
            read.text(100),
            aliases=("last_name", "lastname", "surname", "efternavn", "nachname", "efternamn", "achternaam"),
        ),
        Field("kind", gettext_lazy("Person or firm"), read.one_of(CustomerKind.values), aliases=("kind",)),
        COUNTRY,
        Field("language", gettext_lazy("Language"), read.text(10), aliases=("language", "locale", "sprog")),
        Field("zone", gettext_lazy("Time zone"), read.zone, aliases=("zone", "timezone", "time_zone")),
        Field(
            "company",
            gettext_lazy("Company"),
            read.text(200),
            aliases=(
                "company",
                "organisation",
                "organization",
                "firma",
                "virksomhed",
                "företag",
                "bedrijf",
                "unternehmen",
            ),
        ),
        OWNER,
        TEAM,
        Field(
            "since",
            gettext_lazy("Customer since"),
            read.instant,
            aliases=("since", "customer_since", "created_at", "created", "signup_date", "registered_at"),
        ),
        Field("fields", gettext_lazy("Own fields"), _own_object),
    ),
    write_profiles,
    own="fields",
    keyed=False,
    modes=True,
    matches=tuple(MATCHES),
)
