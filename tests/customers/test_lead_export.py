"""The list of leads as a file: what the reader sees, narrowed as the list, known again by an import."""

import pytest

from clm.accounts.models import AuditEntry, User
from tests.factories import CustomerFactory, LeadFactory

pytestmark = pytest.mark.django_db


def test_a_file_holds_the_leads_of_the_list(sign_in, marketer: User, owner: User) -> None:
    ann = CustomerFactory(name="Ann", email="ann@example.com")
    LeadFactory(customer=ann, title="=Ten seats", owner=owner)
    LeadFactory(title="Other")

    answer = sign_in(marketer).get("/leads/export/", {"tab": "all", "owner": owner.pk})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

    assert lines[0].startswith("id,customer_number,name,email,company,title,status,owner")
    assert [line.split(",")[2:8] for line in lines[1:]] == [
        ["Ann", "ann@example.com", "", "'=Ten seats", "new", owner.email]
    ]
    assert AuditEntry.objects.get(action="leads.exported").actor == marketer


def test_a_rep_takes_no_leads_out(sign_in, owner: User) -> None:
    assert sign_in(owner).get("/leads/export/").status_code == 403
    assert not AuditEntry.objects.filter(action="leads.exported").exists()
