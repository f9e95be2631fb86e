from customers.models import Company
from tests.factories import CompanyFactory, CustomerFactory


def test_programs_search_as_people_do(api, marketer, owner):
    freja = CustomerFactory(name="Freja Gran", email="freja@example.com")
    CompanyFactory(name="Freja Engines")

    answer = api(marketer).get("/api/v1/search/", {"q": "frej", "limit": 1}).json()

    assert answer["results"] == [
        {"kind": "customer", "id": freja.pk, "name": "Freja Gran", "note": "freja@example.com", "href": f"/customers/{freja.pk}/", "is_similar": False},
        {"kind": "company", "id": Company.objects.get().pk, "name": "Freja Engines", "note": "", "href": f"/companies/{Company.objects.get().pk}/", "is_similar": False},
    ]  # fmt: skip
    assert api(owner).get("/api/v1/search/", {"q": "frej"}).json()["results"] == []
    for wrong in ({"q": "f"}, {"q": "x" * 201}, {}, {"q": "frej", "limit": 21}, {"q": "a\x00b"}):
        assert api(marketer).get("/api/v1/search/", wrong).status_code == 400
