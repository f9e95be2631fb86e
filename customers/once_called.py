"""What merged companies were called: their names and addresses lead to the company that stayed."""

from collections.abc import Iterable

from django.db.models import QuerySet

from customers.models import Company, ExternalKey, Thing

# Sources that no other system can have: theirs are slugs.
NAMES, IDS = "=name", "=id"
LONGEST = 200


def key_of_name(name: str) -> str:
    return name.upper()[:LONGEST]


def once_named(names: Iterable[str]) -> dict[str, int]:
    """Ids of companies by those of the names that they had before a merge, as `key_of_name` spells them."""
    keys = {key_of_name(name) for name in names}
    found = _leading().filter(source=NAMES, key__in=keys)
    return dict(found.values_list("key", "thing_id"))


def now_at(pk: int) -> int | None:
    """The company that the one of this id was merged into."""
    found = _leading().filter(source=IDS, key=str(pk))
    return found.values_list("thing_id", flat=True).first()


def _leading() -> QuerySet[ExternalKey]:
    """To companies that there are."""
    return ExternalKey.objects.filter(thing=Thing.COMPANY, thing_id__in=Company.objects.values("pk"))
