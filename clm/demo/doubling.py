"""Two people who came twice: one pair was merged, the other is left for whoever looks for duplicates."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from clm.demo.loading import Row, bring, customer_ids
from clm.demo.staff import marketer
from customers.merging.merge import merge
from customers.models import Customer, CustomerMerge

DOUBLES = 2
# The second time they gave another address, and nothing else.
MERGED, LEFT = "{name}+fair@{domain}", "{name}.office@{domain}"
SAME = ("name", "first_name", "last_name", "company", "country", "language", "zone", "owner", "team")


def bring_doubles(customers: Sequence[Row], until: datetime) -> None:
    """Once: where customers were merged already, nothing happens."""
    if CustomerMerge.objects.exists():
        return
    offices = sorted(customers, key=lambda row: "company" not in row)[:DOUBLES]
    doubles = [
        _double(row, address, until - timedelta(days=days))
        for row, address, days in zip(offices, (MERGED, LEFT), (20, 6), strict=True)
    ]
    bring("customers", doubles)
    ids = customer_ids()
    loser, winner = (Customer.objects.get(pk=ids[str(row["customer"])]) for row in (doubles[0], offices[0]))
    merge(loser, winner, by=marketer())


def _double(row: Row, address: str, since: datetime) -> Row:
    name, _at, domain = str(row["email"]).partition("@")
    double = {field: row[field] for field in SAME if field in row}
    email = address.format(name=name, domain=domain)
    return double | {"customer": f"{row['customer']}-2", "email": email, "since": since}
