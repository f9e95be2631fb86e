"""The kind rates: what foreign currencies are worth in the reporting currency, day by day."""

from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from customers.intake import late_rates, statements
from customers.intake import reading as read
from customers.intake.batch import Batch
from customers.intake.kinds import Field, Kind

CONVERSION = gettext_noop("Conversion of amounts that waited for an exchange rate")


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
    last = {(row.values["currency"], row.values["on"]): row for row in batch.rows}
    found = statements.rows(
        'INSERT INTO accounts_exchangerate AS r (currency, "on", rate)'
        " SELECT * FROM unnest(%s::text[], %s::date[], %s::numeric[])"
        ' ON CONFLICT (currency, "on") DO UPDATE SET rate = excluded.rate WHERE r.rate <> excluded.rate'
        " RETURNING xmax = 0",
        [[row.values[name] for row in last.values()] for name in ("currency", "on", "rate")],
    )
    added = sum(cast(bool, is_new) for (is_new,) in found)
    batch.taken.added, batch.taken.amended = added, len(found) - added
    batch.taken.unchanged = len(batch.rows) - len(found)
    if added and batch.locks:  # a trial waits for nobody, and nobody waits for it
        late_rates.convert_soon({str(currency) for currency, _on in last}, title=CONVERSION, by=batch.by)


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
