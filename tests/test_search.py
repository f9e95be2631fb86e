"""One search over the whole product: what is typed, what is meant, and who may see it."""

import pytest
from django.db import connection

from campaigns.models import Campaign
from clm.base import spelling
from clm.base.search import holding
from customers import tasks_doing
from customers.models import Company, Customer, Identity, Lead, NameWord, Segment, Ticket
from customers.names import learning
from customers.tickets import opening
from lifecycle.presets import install
from tests.factories import CompanyFactory, CustomerFactory, LeadFactory


def found(client, text, **headers):
    groups = client.get("/search/", {"q": text}, headers=headers).context["groups"]
    return {str(group.title): [str(hit.label) for hit in group.hits] for group in groups}


@pytest.fixture
def people(db):
    names = ["Anders Lind", "Lindy Holm", "Bo Lindberg", "Rosalind Krog", "Freja Gran", "Åse Jørgensen"]
    made = [CustomerFactory(name=name, email=f"p{n}@example.com") for n, name in enumerate(names)]
    learning.learn_all()
    return made


def test_what_is_named_so_comes_first_then_what_begins_so_then_what_holds_it(sign_in, marketer, people):
    client = sign_in(marketer)

    assert found(client, "lind")["Customers"] == [
        "Lindy Holm",
        "Anders Lind",
        "Bo Lindberg",
        "Rosalind Krog",
    ]
    assert found(client, "LIND anders")["Customers"] == ["Anders Lind"]
    assert found(client, "p4@example.com")["Customers"] == ["Freja Gran"]


def test_another_address_and_a_number_as_people_write_it_find_their_customer(sign_in, marketer, people):
    Identity.objects.create(
        customer=people[0],
        original_customer=people[0],
        kind="email",
        value="old@lind.example",
    )
    Customer.objects.filter(pk=people[4].pk).update(phone="+4520123456", external_id="C5")
    CustomerFactory(name="Somebody", external_id="C51")
    client = sign_in(marketer)

    assert found(client, "old@lind.example")["Customers"] == ["Anders Lind"]
    assert found(client, "020 12 34 56")["Customers"] == ["Freja Gran"]
    assert found(client, "c5")["Customers"] == ["Freja Gran", "Somebody"]
    Customer.objects.filter(name="Somebody").update(external_id="42")
    Customer.objects.filter(name="Bo Lindberg").update(external_id="1001-2002")
    assert found(client, "42")["Customers"] == ["Somebody"]
    assert found(client, "1001-2002")["Customers"] == ["Bo Lindberg"]


def test_letters_that_a_keyboard_lacks_may_be_written_otherwise(sign_in, marketer, people):
    CustomerFactory(name="Uwe Müßig", email="u1@example.com")
    CustomerFactory(name="Uwe Mussig", email="u2@example.com")
    CustomerFactory(name="Bjørn Åberg", email="u3@example.com")
    client = sign_in(marketer)

    def listed(text):
        return {str(row) for row in client.get("/customers/", {"q": text}).context["listing"].page.rows}

    assert found(client, "mussig")["Customers"] == ["Uwe Mussig", "Uwe Müßig"]
    assert found(client, "Muessig uwe")["Customers"] == ["Uwe Müßig"]
    assert listed("uwe MUSSIG") == {"Uwe Mussig", "Uwe Müßig"}
    assert listed("muessig") == listed("müssig") == {"Uwe Müßig"}
    assert listed("bjorn aaberg") == listed("Bjoern Aberg") == {"Bjørn Åberg"}
    assert listed("aase jorgensen") == {"Åse Jørgensen"}


def test_names_of_leads_companies_tickets_and_campaigns_too(sign_in, marketer, people):
    LeadFactory(title="Röstung für Büros", customer=people[0])
    CompanyFactory(name="Grün & Söhne", domain="gs.example")
    opening.open_ticket(people[0], by=marketer, values={"subject": "Mühle kam größer zurück"})
    Campaign.objects.create(name="Frühlingsgrüße")
    client = sign_in(marketer)

    def named(text):
        groups = client.get("/search/", {"q": text}).context["groups"]
        told = {str(group.title): [hit.label for hit in group.hits if not hit.is_similar] for group in groups}
        return {title: labels for title, labels in told.items() if labels}

    assert named("bueros rostung") == {"Leads": ["Röstung für Büros"]}
    assert named("soehne") == named("Sohne grun") == {"Companies": ["Grün & Söhne"]}
    assert named("muehle groesser") == {"Tickets": ["Mühle kam größer zurück"]}
    assert named("fruhlingsgruesse") == {"Campaigns": ["Frühlingsgrüße"]}


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("/leads/?tab=all", "BUEROS rostung"),
        ("/companies/", "sohne gruen"),
        ("/tickets/?tab=all", "groesser muhle"),
        ("/tasks/?tab=all", "rucken"),
    ],
)
def test_a_list_finds_what_the_search_found(sign_in, marketer, people, address, text):
    LeadFactory(title="Röstung für Büros", customer=people[0])
    CompanyFactory(name="Grün & Söhne")
    opening.open_ticket(people[0], by=marketer, values={"subject": "Mühle kam größer zurück"})
    tasks_doing.plan(people[0], by=marketer, values={"title": "Tisch rücken"})

    there = "&" if "?" in address else "?"
    listing = sign_in(marketer).get(f"{address}{there}q={text}").context["listing"]

    assert len(listing.page.rows) == 1


@pytest.mark.parametrize(
    ("model", "column", "index"),
    [
        (Lead, "title", "customers_lead_about"),
        (Ticket, "subject", "customers_ticket_about"),
        (Company, "name", "customers_company_named"),
    ],
)
def test_what_a_word_may_stand_for_is_one_look_at_the_index(db, model, column, index):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

        plan = model.objects.order_by().filter(holding(column, "muessig")).explain()

    assert f"Bitmap Index Scan on {index}" in plan


def test_a_spelling_that_no_index_is_of_help_for_is_looked_for_as_it_stands():
    assert spelling.meant("muessig") == "m(?:ue|ü)(?:ss|ß)ig"
    assert spelling.meant("gross-bach") == "gr[oöø](?:ss|ß)-b[aäå]ch"
    assert [spelling.meant(text) for text in ("aaa", "maa", "hint", "a.b*", "u1@example.com", "a" * 25)] == [
        ""
    ] * 6


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("frija", "Freja Gran"),
        ("adners", "Anders Lind"),
        ("jorgensen", "Åse Jørgensen"),
        ("freja grann", "Freja Gran"),
        ("rosalnid krok", "Rosalind Krog"),
        ("jørgense", "Åse Jørgensen"),
    ],
)
def test_a_misspelt_name_is_found(sign_in, marketer, people, typed, meant):
    assert found(sign_in(marketer), typed)["Customers"][0] == meant


def test_of_those_spelt_alike_the_word_itself_comes_before_words_that_hold_it(sign_in, marketer):
    for name in ("Lone Johansen", "Mie Johansen", "Ella Hansen", "Ida Johansen", "Ida Hansen"):
        CustomerFactory(name=name)
    learning.learn_all()

    one, two = (found(sign_in(marketer), typed)["Customers"] for typed in ("hansne", "ida hansne"))

    assert one == ["Ella Hansen", "Ida Hansen", "Lone Johansen", "Mie Johansen", "Ida Johansen"]
    assert two == ["Ida Hansen", "Ida Johansen"]


def test_everything_that_has_a_name_is_found_by_it_or_nearly(sign_in, marketer, people):
    LeadFactory(title="Forty licences", customer=people[0])
    CompanyFactory(name="Lovelace Engines", domain="engines.example")
    Segment.objects.create(name="Loyal Danes", slug="loyal-danes", kind="static")
    Campaign.objects.create(name="Welcome to engines")
    install("swedish-six", by=None)
    client = sign_in(marketer)

    assert found(client, "engines") == {
        "Companies": ["Lovelace Engines"],
        "Campaigns": ["Welcome to engines"],
    }
    assert found(client, "lovlace")["Companies"] == ["Lovelace Engines"]
    assert found(client, "licenses")["Leads"] == ["Forty licences"]
    assert found(client, "Lojalitet")["Lifecycle"][0] == "Loyalty"  # in another language
    assert found(client, "loyl")["Segments"] == ["Loyal Danes"]
    assert found(client, "custommers")["Pages"] == ["Customers"]
    assert found(client, "passwrod")["Pages"] == ["Change the password"]


def test_only_what_one_may_see_is_found_whatever_is_typed(sign_in, owner, stranger, people):
    Customer.objects.filter(name="Freja Gran").update(owner=stranger)
    LeadFactory(title="Freja's licences", customer=people[4], owner=stranger)
    Campaign.objects.create(name="Freja's welcome")

    assert found(sign_in(stranger), "freja") == {"Customers": ["Freja Gran"], "Leads": ["Freja's licences"]}
    assert found(sign_in(owner), "freja") == found(sign_in(owner), "frija") == {}


def test_the_page_leads_on_to_all_and_no_question_costs_more_than_twelve_queries(
    sign_in, marketer, people, django_assert_max_num_queries
):
    for n in range(25):
        CustomerFactory(name=f"Anders Many {n:02}")
        CompanyFactory(name=f"Many {n}")
    client = sign_in(marketer)

    for text in ("anders", "many", "frija", "andres many", "nobody is called so"):
        with django_assert_max_num_queries(12):
            page = client.get("/search/", {"q": text})
    customers = client.get("/search/", {"q": "anders"}).context["groups"][0]

    assert (len(customers.hits), customers.all_of_them) == (20, "/customers/?q=anders")
    assert page.context["groups"] == []
    assert "Nothing found" in page.content.decode()


ODD = ["", " ", "a", "%", "%%", "--", "ß", "\x00", "_", "o'", '"', "\\", "x" * 10_000, "' OR 1=1 --", "\u202e", "a b c d e f g h i j", "日本", "é" * 300, "c#9 a@b @@"]  # fmt: skip


def test_whatever_is_typed_is_answered(sign_in, marketer, people):
    client = sign_in(marketer)

    for text in ODD:
        for address in ("/search/", "/customers/"):
            assert client.get(address, {"q": text}).status_code == 200, text
        assert client.get("/search/", {"q": text}, headers={"HX-Request": "true"}).status_code == 200, text


def test_new_names_are_learnt_and_those_that_nobody_has_go(people):
    new = CustomerFactory(name="Zoë Quist-Quist")
    learning.learn_new()
    learnt = dict(NameWord.objects.values_list("word", "customers"))
    new.delete()
    learning.learn_all()

    assert (learnt["zoë"], learnt["quist"], learnt["lind"]) == (1, 2, 1)
    assert not NameWord.objects.filter(word__in=["zoë", "quist"]).exists()
    assert NameWord.objects.filter(word="lindberg").exists()
