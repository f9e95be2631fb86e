"""A text tells of a person by a number, however it is written, and not by digits of something else."""

import pytest

from clm.accounts.models import Team
from clm.base.facts import BEGINNING
from clm.base.inventory import Person
from clm.base.recognising import rows_telling_of, tells_of

PERSON = Person((1,), (), BEGINNING, numbers=("4520304050", "4420112026", "447911123456"), keys=("shop-77",))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("+4520304050", True),
        ("1,Ann,20304050,DK", True),
        ("0045 20 30 40 50", True),
        ("call +45 (0)20-30-40-50 now", True),
        ("020 304 050", True),
        ("2030,4050", False),
        ("5720304050012", False),
        ("120304050", False),
        ("203040501", False),
        ("12/20304050", True),
        ("20\u00a030\u202f40\u201350", True),
        ("20.11.2026", False),
        ("2011-20-26", False),
        ("20 11 20 26", True),
        ("+44 20112026", True),
        ("07911 123456", True),
        ("+4407911123456", True),
        ("004407911123456", True),
        ("+1 7911123456", True),
        ("57911123456", False),
        ("order shop-77, paid", True),
        ("SHOP-77", True),
        ("shop-771", False),
        ("shop-77.50", False),
        ("eshop-77", False),
    ],
)
def test_a_number_is_found_as_people_write_it_and_not_within_others(text: str, tells: bool) -> None:
    Team.objects.create(name=text)

    assert tells_of(text, PERSON) is tells
    assert rows_telling_of(Team.objects.all(), "name", PERSON).exists() is tells
