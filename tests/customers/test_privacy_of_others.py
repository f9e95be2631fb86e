"""What is kept of one person ends where somebody else begins: in their data, and when they are forgotten."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from campaigns.models import Suppression
from campaigns.suppressing import suppress
from clm.accounts.models import AuditEntry
from customers import profiles
from customers.leads.opening import open_lead
from customers.merging.merge import merge, unmerge
from customers.models import (
    Customer,
    ImportProblem,
    Lead,
)
from customers.privacy import erasing, exporting
from tests.api.conftest import api
from tests.customers.imports import imported

__all__ = ["api"]
pytestmark = pytest.mark.django_db
CANARIES = ("zyxkanari", "+4599887766", "99887766", "kanari-strasse")


@pytest.fixture(autouse=True)
def files_of_its_own(tmp_path: Path) -> Iterator[None]:
    """Other tests of the same process leave theirs."""
    with override_settings(MEDIA_ROOT=str(tmp_path)):
        yield


def test_who_was_taken_for_another_gets_nothing_of_theirs(marketer):
    anna, bodil = (
        profiles.register(by=marketer, values={"name": name}) for name in ("Anna Berg", "Bodil Dahl")
    )
    done = merge(bodil, anna, by=marketer, choices={"name": "loser"})

    unmerge(done, by=marketer)

    archive = zipfile.ZipFile(io.BytesIO(exporting.zipped([anna.pk])))
    told = {name: archive.read(name).decode() for name in archive.namelist()}
    assert [name for name, text in told.items() if "Bodil" in text] == []
    assert "Anna Berg" in told["customers.profilechange.json"]


def test_erasing_somebody_leaves_whom_they_were_taken_for_untouched(marketer):
    anna = profiles.register(by=marketer, values={"name": "Anna Berg", "phone": "+4520304050"})
    bodil = profiles.register(by=marketer, values={"name": "Bodil Dahl", "email": "bodil@example.com"})
    done = merge(bodil, anna, by=marketer)
    assert Customer.objects.get(pk=anna.pk).email == "bodil@example.com"
    unmerge(done, by=marketer)
    suppress("bodil@example.com", by=marketer, words="Of Bodil")
    run = imported("id,name,email\n1,Bodil Dahl,\n2,Bodil Dahl,x@\n", "customers", "fair")

    erasing.erase(Customer.objects.get(pk=anna.pk), by=marketer)

    assert ImportProblem.objects.get(run=run).raw == "2\tBodil Dahl\tx@"

    (kept,) = Suppression.objects.all()
    assert (kept.address, kept.words) == ("bodil@example.com", "Of Bodil")
    assert Customer.objects.get(pk=bodil.pk).email == "bodil@example.com"
    assert AuditEntry.objects.filter(subject_label="bodil@example.com").count() == 1


def test_what_a_merge_wrote_is_not_theirs_though_it_was_corrected_before_the_undoing(marketer):
    anna = profiles.register(by=marketer, values={"name": "Anna Berg"})
    bodil = profiles.register(by=marketer, values={"name": "Bodil Dahl"})
    done = merge(bodil, anna, by=marketer, choices={"name": "loser"})
    profiles.change(Customer.objects.get(pk=anna.pk), by=marketer, values={"name": "Anna B"})
    unmerge(done, by=marketer)
    run = imported("id,name,email\n2,Bodil Dahl,x@\n", "customers", "fair")

    archive = zipfile.ZipFile(io.BytesIO(exporting.zipped([anna.pk])))
    erasing.erase(Customer.objects.get(pk=anna.pk), by=marketer)

    assert [name for name in archive.namelist() if b"Bodil" in archive.read(name)] == []
    assert ImportProblem.objects.get(run=run).raw == "2\tBodil Dahl\tx@"
    loser = zipfile.ZipFile(io.BytesIO(exporting.zipped([bodil.pk])))
    assert b"Bodil Dahl" in loser.read("customers.profilechange.json")


def test_an_address_of_somebody_else_in_an_enquiry_stays_theirs_however_it_is_written(marketer):
    profiles.register(
        by=marketer, values={"name": "Bodil Dahl", "email": "bodil@example.com", "phone": "+4520304050"}
    )
    suppress("bodil@example.com", by=marketer, words="Of Bodil")
    anna = profiles.register(by=marketer, values={"name": "Anna Berg", "country": "DK"})
    lead = open_lead(by=marketer, customer=anna, values={"title": "Her sister's"})
    enquiry = {"email": "Bodil@Example.com", "phone": "20 30 40 50"}
    Lead.objects.filter(pk=lead.pk).update(enquiry=enquiry)
    run = imported(
        "id,name,phone,email\n2,Bodil Dahl,20304050,x@\n3,Somebody,5720304050012,x@\n", "customers", "fair"
    )

    erasing.erase(anna, by=marketer)

    assert Suppression.objects.get().words == "Of Bodil"
    assert "" not in ImportProblem.objects.filter(run=run).values_list("raw", flat=True)


@pytest.mark.parametrize("written", ["20 30 40 50", "0045 20304050"])
def test_a_number_that_only_an_enquiry_tells_is_looked_for_as_people_write_it(marketer, written: str):
    anna = profiles.register(by=marketer, values={"name": "Anna Berg"})
    lead = open_lead(by=marketer, customer=anna, values={"title": "Hers"})
    Lead.objects.filter(pk=lead.pk).update(enquiry={"phone": written})
    run = imported("id,phone,email\n1,20-30-40-50,x@\n2,5720304050012,x@\n", "customers", "fair")

    erasing.erase(anna, by=marketer)

    assert [problem.raw != "" for problem in ImportProblem.objects.filter(run=run)] == [False, True]


def test_a_mailbox_that_somebody_shares_under_another_tag_can_be_written_to_on(marketer):
    anna = profiles.register(by=marketer, values={"name": "Anna Berg", "email": "fam+anna@example.com"})
    profiles.register(by=marketer, values={"name": "Bodil Berg", "email": "fam@example.com"})

    erasing.erase(anna, by=marketer)

    assert not Suppression.objects.barring(["fam@example.com"]).exists()


def test_what_another_system_calls_them_tells_where_it_stands_alone(marketer):
    profiles.register(by=marketer, values={"name": "Anna Berg"}, source="shop", external_id="10234")
    other = profiles.register(
        by=marketer, values={"name": "Ib Holm"}, source="shop", external_id="shop-10234"
    )
    rows = ["10234", "1102345", "shop-10234", "eshop-10234"]
    run = imported("id,name,email\n" + "".join(f"{row},,x@\n" for row in rows), "customers", "fair")

    for person in Customer.objects.exclude(pk=other.pk).filter(name="Anna Berg"):
        erasing.erase(person, by=marketer)
    erasing.erase(other, by=marketer)

    found = ImportProblem.objects.filter(run=run).values_list("line", "raw")
    assert [raw != "" for _line, raw in sorted(found)] == [True, True, False, True]


def test_the_data_hold_suppressions_by_hand_of_every_address_and_of_nobody_else(marketer):
    anna = profiles.register(by=marketer, values={"name": "Anna Berg", "email": "anna+shop@example.com"})
    other = profiles.register(by=marketer, values={"name": "A. Berg", "email": "berg@example.com"})
    bodil = profiles.register(by=marketer, values={"name": "Bodil Dahl", "email": "bodil@example.com"})
    merge(other, anna, by=marketer)
    suppress("anna@example.com", by=marketer, words="She rang")
    suppress("berg@example.com", by=marketer)
    suppress("bodil@example.com", by=marketer, words="Of Bodil")

    archive = zipfile.ZipFile(io.BytesIO(exporting.zipped(exporting.whole_person(anna))))

    rows = json.loads(archive.read("campaigns.suppression.json"))
    told = [(row["address"], row["reason"], row["words"]) for row in rows]
    assert told == [("anna@example.com", "person", "She rang"), ("berg@example.com", "person", "")]
    assert all(row["suppressed_at"] for row in rows)
    erasing.erase(anna, by=marketer)
    assert AuditEntry.objects.filter(subject_label__in=["anna@example.com", "berg@example.com"]).count() == 0
    assert Suppression.objects.barring([bodil.email]).count() == 1
