"""The kind rates: what foreign currencies are worth in the reporting currency, day by day."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.intake import conversion, lookups, statements
from customers.intake import reading as read
from customers.intake.batch import Batch
from customers.intake.kinds import Field, Kind


def write_rates(batch: Batch) -> None:
    reporting = batch.organisation.currency
    batch.refuse(
        (
            row,
            "currency",
            _("%(currency)s is the reporting currency itself; it needs no rate.") % {"currency": reporting},
        )
        for row in batch.rows
        if row.values["currency"] == reporting
    )
    if batch.locks:  # a trial waits for nobody, and nobody waits for it
        lookups.change_rates()
    last = {(row.values["currency"], row.values["on"]): row for row in batch.rows}
    found = statements.rows(
        'INSERT INTO accounts_exchangerate AS r (currency, "on", rate)'
        " SELECT * FROM unnest(%s::text[], %s::date[], %s::numeric[])"
        ' ON CONFLICT (currency, "on") DO UPDATE SET rate = excluded.rate WHERE r.rate <> excluded.rate'
        ' RETURNING currency, "on", xmax = 0',
        [[row.values[name] for row in last.values()] for name in ("currency", "on", "rate")],
    )
    added = sum(is_new for _currency, _on, is_new in found)
    batch.taken.added, batch.taken.amended = added, len(found) - added
    batch.taken.unchanged = len(batch.rows) - len(found)
    if batch.locks:
        since: dict[str, date] = {}
        for currency, on, _is_new in found:
            since[currency] = min(on, since.get(currency, on))
        conversion.ask(since, by=batch.by, of_a_file=batch.written_by is not None)


RATES = Kind(
    "rates",
    gettext_lazy("Exchange rates"),
    (
        Field(
            "currency",
            gettext_lazy("Currency"),
            read.currency,
            required=True,
            aliases=("currency", "code", "valuta"),
        ),
        Field("on", gettext_lazy("Day"), read.day, required=True, aliases=("on", "date", "day", "dato")),
        Field(
            "rate",
            gettext_lazy("Reporting currency for one unit"),
            read.positive(8),
            required=True,
            aliases=("rate", "kurs"),
        ),
    ),
    write_rates,
    names_customer=False,
    keyed=False,
)
